import ArgumentParser
import ImageCoding
import Platform

/// Flags of commands that run a network on pictures to change its weights.
struct CalibrationOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Folder of pictures.", valueName: "dir"))
  var images: String

  @Option(help: ArgumentHelp("Number of pictures to use, spread over the folder; all if absent.", valueName: "n"))
  var limit: Int?

  @Option(help: "Threads, each with a picture of its own; all processors if absent.")
  var threads: Int?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit: expected 1 or more, found \(limit)") }
    if let threads, threads < 1 { throw ValidationError("--threads: expected 1 or more, found \(threads)") }
  }

  /// Pictures of the folder, and what in it is none.
  struct Pictures {
    var inputs: [Input]
    var refusals: [InputList.Refusal]
  }

  /// The pictures in the order of their names, with a limit evenly spread over the folder; and what cannot be read in it,
  /// which is logged.
  func pictures() throws(Failure) -> Pictures {
    guard FilePath.isThere(images, as: .folder) else {
      throw Failure(.noInput, "\(images): expected a folder of pictures")
    }
    let list = InputList(arguments: [images], recursive: false)
    if list.inputs.isEmpty, let refusal = list.refusals.first {
      throw Failure(refusal.failure.status, "\(refusal.path): \(refusal.failure.message)")
    }
    list.notePassedOver()
    _ = list.refusals.report()
    guard let limit, limit < list.inputs.count else { return Pictures(inputs: list.inputs, refusals: list.refusals) }
    let inputs = (0..<limit).map { list.inputs[$0 * list.inputs.count / limit] }
    return Pictures(inputs: inputs, refusals: list.refusals)
  }

  /// Adds all pictures that can be read, and then writes the result, unless there was none or the run is interrupted.
  func run(
    _ pictures: Pictures, add: (RGBImage) throws -> Void, write: () throws(Failure) -> Void
  ) throws(Failure) -> ExitReason {
    Interrupt.watch()
    let reader = PictureReader(limits: .default)
    var read = 0
    var summary = Batch(pictures.inputs, name: \.name).run { input throws(Failure) in
      do {
        try add(try reader.read(input).photo.image)
        read += 1
      } catch { throw Failure(error, about: input.name) }
    }
    if summary.isInterrupted {
      logger.notice("Interrupted after \(summary.done) of \(summary.total) pictures; nothing is written.")
      return summary.status
    }
    guard read > 0 else {
      throw Failure(.badData, "\(images): expected at least one picture that can be read, found none")
    }
    try write()
    summary.add(pictures.refusals)
    return summary.status
  }
}

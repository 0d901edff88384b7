import ArgumentParser
import Foundation
import ImageCoding
import Platform

/// A change of a network's weights that depends on what the network does on pictures.
protocol WeightsTransformation {
  associatedtype Report: TransformationReport

  func add(_ picture: RGBImage) throws

  /// Writes the changed weights; the file appears whole or not at all.
  ///
  /// - Parameter check: Called often; throws to stop, so that no file appears.
  func write(to output: URL, check: () throws -> Void) throws -> Report
}

/// What a transformation did to the weights.
protocol TransformationReport: Encodable {
  /// Text for people.
  var table: String { get }
}

extension TransformationReport {
  func json() throws -> String { try JSONText.pretty(self) }
}

/// Flags of commands that run a network on pictures to change its weights.
struct CalibrationOptions: ParsableArguments {
  @Argument(help: "A weights file in fp32 or fp16, as `m2fp convert` writes it.")
  var file: String

  @Option(help: ArgumentHelp("Folder of pictures.", valueName: "dir"))
  var images: String

  @Option(help: ArgumentHelp("Number of pictures to use, spread over the folder; all if absent.", valueName: "n"))
  var limit: Int?

  @Option(help: "Threads, each with a picture of its own; all processors if absent.")
  var threads: Int?

  @Option(name: .customShort("o"), help: ArgumentHelp("The safetensors file to write.", valueName: "file"))
  var output: String

  @Option(help: ArgumentHelp("Also write the report as JSON.", valueName: "file"))
  var report: String?

  @Flag(help: "Print the report as JSON.")
  var json = false

  func validate() throws {
    try expectFile(output, otherThan: [file], "-o")
    if let report { try expectFile(report, otherThan: [file, output], "--report") }
    if let limit, limit < 1 { throw ValidationError("--limit: expected 1 or more, found \(limit)") }
    if let threads, threads < 1 { throw ValidationError("--threads: expected 1 or more, found \(threads)") }
  }

  /// Adds all pictures that can be read to the transformation of the weights file, and then writes its result and its report,
  /// unless there was no picture or the run is interrupted.
  func run<Transformation: WeightsTransformation>(
    _ make: (_ file: URL, _ pictures: Int) throws -> Transformation
  ) throws(Failure) -> ExitReason {
    let pictures = try pictures()
    let transformation: Transformation
    do {
      transformation = try make(FilePath.url(file), pictures.inputs.count)
    } catch {
      let failure = Failure(error, about: file)
      throw Failure(failure.status, "\(file): \(failure.message)")
    }
    var summary = try add(pictures.inputs, to: transformation)
    if !summary.isInterrupted {
      try write(transformation)
      summary.add(pictures.refusals)
    }
    return summary.status
  }

  /// Pictures of the folder, and what in it is none.
  private struct Pictures {
    var inputs: [Input]
    var refusals: [InputList.Refusal]
  }

  /// The pictures in the order of their names, with a limit evenly spread over the folder; and what cannot be read in it,
  /// which is logged.
  private func pictures() throws(Failure) -> Pictures {
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

  private func add(_ pictures: [Input], to transformation: some WeightsTransformation) throws(Failure) -> BatchSummary {
    Interrupt.watch()
    let reader = PictureReader(limits: .default)
    var read = 0
    let summary = Batch(pictures, name: \.name).run { input throws(Failure) in
      do {
        try transformation.add(try reader.read(input).photo.image)
        read += 1
      } catch { throw Failure(error, about: input.name) }
    }
    if summary.isInterrupted {
      logger.notice("Interrupted after \(summary.done) of \(summary.total) pictures; nothing is written.")
    } else if read == 0 {
      throw Failure(.badData, "\(images): expected at least one picture that can be read, found none")
    }
    return summary
  }

  private func write(_ transformation: some WeightsTransformation) throws(Failure) {
    do {
      let result = try transformation.write(to: FilePath.url(output)) {
        try Interrupt.checkRequest(beforeWriting: output)
      }
      if let report { try AtomicFile.write(Data((result.json() + "\n").utf8), to: FilePath.url(report)) }
      try StandardStream.writeResult(json ? result.json() : result.table, isJSON: json)
    } catch {
      throw Failure(error)
    }
  }
}

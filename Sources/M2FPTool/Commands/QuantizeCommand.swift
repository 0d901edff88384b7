import ArgumentParser
import Foundation
import HumanParsing
import ImageCoding
import M2FP

/// `m2fp quantize`: a weights file of floats becomes one in int8.
struct QuantizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Turn a weights file into one in int8, with pictures to calibrate it.",
    discussion: """
      Looks at the pictures with the network, chooses how to round what each layer reads and the layer's weight, and \
      leaves layers that suffer too much as they are. Pictures like those that are to be parsed serve best; a hundred \
      are plenty. One in five is not calibrated with: the networks are compared on those.
      """)

  @Argument(help: "A weights file that `m2fp convert` wrote.")
  var file: String

  @Option(help: ArgumentHelp("Folder of pictures.", valueName: "dir"))
  var images: String

  @Option(name: .customShort("o"), help: ArgumentHelp("The safetensors file to write.", valueName: "file"))
  var output: String

  @Option(help: ArgumentHelp("Use so many pictures, spread over the folder; all if absent.", valueName: "n"))
  var limit: Int?

  @Option(help: "Threads, which look at a picture each; all processors if absent.")
  var threads: Int?

  @Option(
    name: .customLong("range"),
    help: ArgumentHelp(
      "How ranges are chosen; repeatable. Of several, all if absent, each tensor gets the one that errs least.",
      valueName: "method"))
  var methods: [CalibrationMethod] = []

  @Option(
    help: ArgumentHelp("Leave a layer as it is, or all whose names hold these words; repeatable.", valueName: "layer"))
  var keep: [String] = []

  @Option(
    name: .customLong("minimum-snr"), parsing: .unconditional,
    help: ArgumentHelp(
      "Leave layers as they are whose results have less signal over noise, in decibels.", valueName: "db"))
  var minimumSignalToNoise = Quantizer.Options().minimumSignalToNoise

  @Option(help: ArgumentHelp("Also write what was done as JSON.", valueName: "file"))
  var report: String?

  @Flag(help: "Print what was done as JSON.")
  var json = false

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit: expected 1 or more, found \(limit)") }
    if let threads, threads < 1 { throw ValidationError("--threads: expected 1 or more, found \(threads)") }
    guard minimumSignalToNoise.isFinite else {
      throw ValidationError("--minimum-snr: expected a number of decibels, found \(minimumSignalToNoise)")
    }
  }

  func run() throws {
    try exiting { () throws(Failure) in
      let inputs = try pictures()
      let quantizer = try makeQuantizer(pictures: inputs.count)
      Interrupt.watch()
      let reader = PictureReader(limits: .default)
      let summary = Batch(inputs, name: \.name).run { input throws(Failure) in
        do { try quantizer.add(try reader.read(input).image) } catch { throw Failure(error, about: input.name) }
      }
      if summary.isInterrupted {
        notes.notice("Interrupted after \(summary.done) of \(summary.total) pictures; nothing is written.")
        return .interrupted
      }
      guard quantizer.pictures > 0 else {
        throw Failure(.badData, "\(images): expected at least one picture that can be read, found none")
      }
      try write(quantizer)
      return summary.status
    }
  }

  /// In the order of their names, spread evenly over the folder where there is a limit.
  private func pictures() throws(Failure) -> [Input] {
    guard FilePath.isThere(images, as: .folder) else {
      throw Failure(.noInput, "\(images): expected a folder of pictures")
    }
    let list = InputList(arguments: [images], recursive: false)
    if let refusal = list.refusals.first {
      throw Failure(refusal.failure.status, "\(images): \(refusal.failure.message)")
    }
    guard let limit, limit < list.inputs.count else { return list.inputs }
    return (0..<limit).map { list.inputs[$0 * list.inputs.count / limit] }
  }

  private func makeQuantizer(pictures: Int) throws(Failure) -> WeightsQuantizer {
    var options = WeightsQuantizer.Options()
    options.threads = threads
    options.quantizer = Quantizer.Options(keep: keep, minimumSignalToNoise: minimumSignalToNoise)
    if !methods.isEmpty { options.quantizer.methods = methods }
    do {
      return try WeightsQuantizer(weights: URL(filePath: file), pictures: pictures, options: options)
    } catch {
      let failure = Failure(error, about: file)
      throw Failure(failure.status, "\(file): \(failure.message)")
    }
  }

  private func write(_ quantizer: WeightsQuantizer) throws(Failure) {
    do {
      let result = try quantizer.write(to: URL(filePath: output), program: Version.current)
      if let report { try AtomicFile.write(Data((result.json() + "\n").utf8), to: URL(filePath: report)) }
      try StandardStream.writeResult(json ? result.json() : result.table)
    } catch {
      throw Failure(error)
    }
  }
}

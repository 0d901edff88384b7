import ArgumentParser
import Foundation
import HumanParsing
import ImageCoding
import M2FP
import Platform

/// `m2fp quantize`: quantization of a weights file to int8.
struct QuantizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Quantize a weights file to int8, calibrated with pictures.",
    discussion: """
      Runs the network on the pictures, chooses quantization parameters for the input and the weight of each layer, and \
      does not quantize layers that lose too much precision. Use pictures like those to parse later; a hundred are \
      enough. One picture in five is left out of calibration: the networks are compared on these.
      """)

  @Argument(help: "A weights file that `m2fp convert` wrote.")
  var file: String

  @Option(help: ArgumentHelp("Folder of pictures.", valueName: "dir"))
  var images: String

  @Option(name: .customShort("o"), help: ArgumentHelp("The safetensors file to write.", valueName: "file"))
  var output: String

  @Option(help: ArgumentHelp("Number of pictures to use, spread over the folder; all if absent.", valueName: "n"))
  var limit: Int?

  @Option(help: "Threads, each with a picture of its own; all processors if absent.")
  var threads: Int?

  @Option(
    name: .customLong("range"),
    help: ArgumentHelp(
      "Calibration method; repeatable. Of several (all if absent), each tensor gets the one with the least error.",
      valueName: "method"))
  var methods: [CalibrationMethod] = []

  @Option(
    help: ArgumentHelp(
      "Do not quantize this layer, or all layers whose names contain these words; repeatable.", valueName: "layer"))
  var keep: [String] = []

  @Option(
    name: .customLong("minimum-snr"), parsing: .unconditional,
    help: ArgumentHelp(
      "Do not quantize layers whose results have a lower signal-to-noise ratio, in decibels.", valueName: "db"))
  var minimumSignalToNoise = Quantizer.Options().minimumSignalToNoise

  @Option(help: ArgumentHelp("Also write the report as JSON.", valueName: "file"))
  var report: String?

  @Flag(help: "Print the report as JSON.")
  var json = false

  func validate() throws {
    try expectFile(output, otherThan: [file], "-o")
    if let report { try expectFile(report, otherThan: [file, output], "--report") }
    if let limit, limit < 1 { throw ValidationError("--limit: expected 1 or more, found \(limit)") }
    if let threads, threads < 1 { throw ValidationError("--threads: expected 1 or more, found \(threads)") }
    guard minimumSignalToNoise.isFinite else {
      throw ValidationError("--minimum-snr: expected a number of decibels, found \(minimumSignalToNoise)")
    }
  }

  func run() throws {
    try exiting { () throws(Failure) in
      let (inputs, refusals) = try pictures()
      let quantizer = try makeQuantizer(pictures: inputs.count)
      Interrupt.watch()
      let reader = PictureReader(limits: .default)
      var summary = Batch(inputs, name: \.name).run { input throws(Failure) in
        do { try quantizer.add(try reader.read(input).image) } catch { throw Failure(error, about: input.name) }
      }
      if summary.isInterrupted {
        logger.notice("Interrupted after \(summary.done) of \(summary.total) pictures; nothing is written.")
        return summary.status
      }
      guard quantizer.pictures > 0 else {
        throw Failure(.badData, "\(images): expected at least one picture that can be read, found none")
      }
      try write(quantizer)
      summary.add(refusals)
      return summary.status
    }
  }

  /// The pictures in the order of their names, with a limit evenly spread over the folder; and what cannot be read in it,
  /// which is logged.
  private func pictures() throws(Failure) -> (inputs: [Input], refusals: [InputList.Refusal]) {
    guard FilePath.isThere(images, as: .folder) else {
      throw Failure(.noInput, "\(images): expected a folder of pictures")
    }
    let list = InputList(arguments: [images], recursive: false)
    if list.inputs.isEmpty, let refusal = list.refusals.first {
      throw Failure(refusal.failure.status, "\(refusal.path): \(refusal.failure.message)")
    }
    list.notePassedOver()
    _ = list.refusals.report()
    guard let limit, limit < list.inputs.count else { return (list.inputs, list.refusals) }
    return ((0..<limit).map { list.inputs[$0 * list.inputs.count / limit] }, list.refusals)
  }

  private func makeQuantizer(pictures: Int) throws(Failure) -> WeightsQuantizer {
    var options = WeightsQuantizer.Options()
    options.threads = threads
    options.quantizer = Quantizer.Options(keep: keep, minimumSignalToNoise: minimumSignalToNoise)
    if !methods.isEmpty { options.quantizer.methods = methods }
    do {
      return try WeightsQuantizer(weights: FilePath.url(file), pictures: pictures, options: options)
    } catch {
      let failure = Failure(error, about: file)
      throw Failure(failure.status, "\(file): \(failure.message)")
    }
  }

  private func write(_ quantizer: WeightsQuantizer) throws(Failure) {
    do {
      let result = try quantizer.write(to: FilePath.url(output), program: Version.current) {
        try Interrupt.checkRequest(beforeWriting: output)
      }
      if let report { try AtomicFile.write(Data((result.json() + "\n").utf8), to: FilePath.url(report)) }
      try StandardStream.writeResult(json ? result.json() : result.table, isJSON: json)
    } catch {
      throw Failure(error)
    }
  }
}

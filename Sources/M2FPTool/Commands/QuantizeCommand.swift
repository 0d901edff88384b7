import ArgumentParser
import Foundation
import HumanParsing
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

  @OptionGroup var calibration: CalibrationOptions

  @Option(name: .customShort("o"), help: ArgumentHelp("The safetensors file to write.", valueName: "file"))
  var output: String

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
    guard minimumSignalToNoise.isFinite else {
      throw ValidationError("--minimum-snr: expected a number of decibels, found \(minimumSignalToNoise)")
    }
  }

  func run() throws {
    try exiting { () throws(Failure) in
      let pictures = try calibration.pictures()
      let quantizer = try makeQuantizer(pictures: pictures.inputs.count)
      return try calibration.run(pictures, add: quantizer.add) { () throws(Failure) in try write(quantizer) }
    }
  }

  private func makeQuantizer(pictures: Int) throws(Failure) -> WeightsQuantizer {
    var options = WeightsQuantizer.Options()
    options.threads = calibration.threads
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

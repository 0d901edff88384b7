import ArgumentParser
import Foundation
import HumanParsing
import M2FP

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

  @OptionGroup var calibration: CalibrationOptions

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

  func validate() throws {
    guard minimumSignalToNoise.isFinite else {
      throw ValidationError("--minimum-snr: expected a number of decibels, found \(minimumSignalToNoise)")
    }
  }

  func run() throws {
    var options = WeightsQuantizer.Options()
    options.threads = calibration.threads
    options.quantizer = Quantizer.Options(keep: keep, minimumSignalToNoise: minimumSignalToNoise)
    if !methods.isEmpty { options.quantizer.methods = methods }
    try exiting { () throws(Failure) in
      try calibration.run { file, pictures in
        try WeightsQuantizer(weights: file, pictures: pictures, options: options)
      }
    }
  }
}

extension WeightsQuantizer: WeightsTransformation {
  func write(to output: URL, check: () throws -> Void) throws -> QuantizationReport {
    try write(to: output, program: Version.current, check: check)
  }
}

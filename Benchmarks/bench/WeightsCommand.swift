import ArgumentParser
import Foundation

/// Writes the random weights that other commands measure.
struct WeightsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights", abstract: "Writes the seeded random weights for ResNet-101 that other commands measure.")

  @Argument(help: "The file to write.")
  var file: String

  @Flag(name: .customLong("int8"), help: "Quantize them, by one synthetic picture.")
  var isQuantized = false

  func run() throws {
    try RandomWeights.write(to: URL(filePath: file), isQuantized: isQuantized)
  }
}

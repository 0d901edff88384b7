import ArgumentParser
import Foundation
import M2FP

/// `m2fp info`: description of a weights file.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Describe a weights file: architecture, classes, precision, size, provenance.")

  @Argument(help: "A weights file that `m2fp convert` or `m2fp quantize` wrote.")
  var file: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    try exiting { () throws(Failure) in
      do {
        let description = WeightsDescription(try WeightsFile(FilePath.url(file)))
        try StandardStream.writeResult(json ? description.json() : description.text, isJSON: json)
        return .success
      } catch {
        throw Failure(error)
      }
    }
  }
}

import ArgumentParser
import Foundation
import M2FP

/// `m2fp info`: description of a weights file, or of what networks run on.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Describe a weights file: architecture, classes, precision, size, provenance; or the processor.")

  @Argument(help: "A weights file that `m2fp convert` or `m2fp quantize` wrote.")
  var file: String?

  @Flag(help: "Describe what networks run on: the processor, its instructions, and what multiplies matrices.")
  var processor = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard processor != (file != nil) else { throw ValidationError("expected a weights file, or --processor") }
  }

  func run() throws {
    try exiting { () throws(Failure) in
      do {
        guard let file else {
          let description = ProcessorDescription()
          try StandardStream.writeResult(json ? description.json() : description.text, isJSON: json)
          return .success
        }
        let description = WeightsDescription(try WeightsFile(FilePath.url(file)))
        try StandardStream.writeResult(json ? description.json() : description.text, isJSON: json)
        return .success
      } catch {
        throw Failure(error)
      }
    }
  }
}

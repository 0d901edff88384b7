public import Foundation

/// The weights that ship with the package, as resources beside the program.
public enum StarterWeights: String, CaseIterable, Sendable {
  /// Weights as halves, computed with as floats.
  case fp16
  /// Quantized.
  case int8

  private static let bundle = "HumanParsing_StarterWeights.resources"

  /// The file, or nil where the resource folder was not installed with the program.
  ///
  /// SwiftPM's own accessor ends the process if the folder is missing, so it is not used.
  public var url: URL? { FileManager.default.isReadableFile(atPath: place.path) ? place : nil }

  /// Where the file was looked for.
  public var expectedPlace: String { place.path }

  private var place: URL {
    Bundle.main.bundleURL.appending(path: Self.bundle).appending(path: "starter-\(rawValue).safetensors")
  }
}

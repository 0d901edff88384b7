public import Foundation
import Platform

/// The weights that ship with the package, as resources beside the program.
public enum StarterWeights: String, CaseIterable, Sendable {
  /// Weights as halves, computed with as floats.
  case fp16
  /// Quantized.
  case int8

  /// The file, or nil where the resource folder was not installed with the program.
  public var url: URL? { FileManager.default.isReadableFile(atPath: place.path) ? place : nil }

  /// Where the file was looked for.
  public var expectedPlace: String { place.path }

  private var place: URL {
    ResourceFolder.url(ofTarget: "StarterWeights").appending(path: "starter-\(rawValue).safetensors")
  }
}

package import Checkpoints
package import Foundation

/// The one file that a network is: safetensors with the configuration inside and batch norm folded.
///
/// Opening it checks that it holds exactly the parameters that its configuration asks for.
package struct WeightsFile: Sendable {
  /// The version of the format that this package writes, and the newest that it reads.
  package static let formatVersion = 1

  /// Keys of the safetensors header's `__metadata__`.
  enum MetadataKey {
    static let format = "m2fp.format"
    static let version = "m2fp.format_version"
    static let configuration = "m2fp.configuration"
    static let precision = "m2fp.precision"
    static let source = "m2fp.source"
  }
  static let format = "m2fp"

  /// What stands in the header of a weights file.
  ///
  /// - Parameters:
  ///   - configuration: The text of `configuration.json`.
  ///   - precision: `fp32` or `fp16`.
  ///   - source: The file that the parameters come from.
  package static func metadata(configuration: Data, precision: String, source: String) -> [String: String] {
    [
      MetadataKey.format: format,
      MetadataKey.version: String(formatVersion),
      MetadataKey.configuration: String(decoding: configuration, as: UTF8.self),
      MetadataKey.precision: precision,
      MetadataKey.source: source,
    ]
  }

  package let name: String
  package let configuration: Configuration
  package let metadata: [String: String]
  private let file: SafetensorsFile

  /// - Parameters:
  ///   - url: A file that `m2fp convert` or `m2fp quantize` wrote.
  ///   - memoryMapped: Map the file, which must then not be changed while it is open, or read it into memory.
  /// - Throws: `CheckpointError` if it is no safetensors file, `M2FPError` if it is not this network's.
  package init(_ url: URL, memoryMapped: Bool = true) throws {
    file = try SafetensorsFile(path: url.path, memoryMapped: memoryMapped)
    name = url.lastPathComponent
    metadata = file.metadata
    try Self.checkFormat(metadata, name: name)
    guard let json = metadata[MetadataKey.configuration] else {
      throw M2FPError(.notAWeightsFile, "\(name): the configuration is missing from the header")
    }
    configuration = try Configuration(json: Data(json.utf8), name: name)
    try ParameterCheck(file: name).check(
      found: file.tensors.map { Parameter($0.name, $0.shape) }, expected: KeyMap.parameters(of: configuration))
  }

  private static func checkFormat(_ metadata: [String: String], name: String) throws {
    guard metadata[MetadataKey.format] == format, let text = metadata[MetadataKey.version], let version = Int(text)
    else {
      throw M2FPError(
        .notAWeightsFile,
        "\(name): expected a file written by `m2fp convert`, found a safetensors file without its mark")
    }
    guard version <= formatVersion else {
      throw M2FPError(
        .newerVersion, "\(name): the file has format version \(version); this program reads up to \(formatVersion)")
    }
  }

  func tensor(_ name: String) throws -> CheckpointTensor {
    guard let tensor = file[name: name] else {
      throw M2FPError(.missingTensor, "\(self.name): the tensor \(name) is missing")
    }
    return tensor
  }

  /// Number of parameters.
  package var parameterCount: Int { file.tensors.reduce(0) { $0 + $1.count } }
  /// Bytes of the tensors, by element type.
  package var bytesByElementType: [ElementType: Int] {
    file.tensors.reduce(into: [:]) { $0[$1.elementType, default: 0] += $1.byteCount }
  }
  /// Where the parameters came from, as the converter recorded it.
  package var source: String? { metadata[MetadataKey.source] }
  /// `fp32`, `fp16` or `int8`.
  package var precision: String { metadata[MetadataKey.precision] ?? "fp32" }
}

package import Checkpoints
package import Foundation

/// A weights file: safetensors with the configuration in the header and batch norm folded into the convolutions.
///
/// Opening it checks that it holds exactly the parameters that its configuration asks for.
package struct WeightsFile: Sendable {
  /// Format version of fp32 and fp16 files.
  package static let formatVersion = 1
  /// Format version of int8 files, the newest that this package reads.
  package static let quantizedFormatVersion = 2

  /// Keys of the safetensors header's `__metadata__`.
  package enum MetadataKey {
    static let format = "m2fp.format"
    static let version = "m2fp.format_version"
    package static let configuration = "m2fp.configuration"
    static let precision = "m2fp.precision"
    static let source = "m2fp.source"
    static let quantization = "m2fp.quantization"
  }
  static let format = "m2fp"
  package static let int8 = "int8"

  /// Metadata of the header of a weights file.
  ///
  /// - Parameters:
  ///   - configuration: The text of `configuration.json`.
  ///   - precision: `fp32`, `fp16` or `int8`.
  ///   - source: The file that the parameters come from.
  package static func metadata(configuration: Data, precision: String, source: String) -> [String: String] {
    [
      MetadataKey.format: format,
      MetadataKey.version: String(precision == int8 ? quantizedFormatVersion : formatVersion),
      MetadataKey.configuration: String(decoding: configuration, as: UTF8.self),
      MetadataKey.precision: precision,
      MetadataKey.source: source,
    ]
  }

  package let name: String
  package let configuration: Configuration
  package let metadata: [String: String]
  /// The network that the configuration describes.
  package let description: NetworkDescription
  /// The int8 layers by name; empty in fp32 and fp16 files.
  package let quantizedLayers: [String: LayerDescription]
  let file: SafetensorsFile

  /// - Parameters:
  ///   - url: A file that `m2fp convert` or `m2fp quantize` wrote.
  ///   - memoryMapped: Whether to map the file, which must then not change while it is open, or to read it into memory.
  /// - Throws: `CheckpointError` if it is no safetensors file, `M2FPError` if its tensors are not those of the network.
  package init(_ url: URL, memoryMapped: Bool = true) throws {
    file = try SafetensorsFile(path: url.path, memoryMapped: memoryMapped)
    name = url.lastPathComponent
    metadata = file.metadata
    try Self.checkFormat(metadata, name: name)
    guard let json = metadata[MetadataKey.configuration] else {
      throw M2FPError(.notAWeightsFile, "\(name): the configuration is missing from the header")
    }
    configuration = try Configuration(json: Data(json.utf8), name: name)
    description = NetworkDescription(configuration)
    let check = ParameterCheck(file: name)
    guard metadata[MetadataKey.precision] == Self.int8 else {
      quantizedLayers = [:]
      try check.check(found: file.tensors, expected: description.parameters)
      return
    }
    let layers = description.quantizableLayers.filter { [file] layer in
      file[name: layer.weightName]?.elementType == .int8
    }
    quantizedLayers = Dictionary(uniqueKeysWithValues: layers.map { ($0.name, $0) })
    try check.check(found: file.tensors, expected: description.parameters(quantized: Set(quantizedLayers.keys)))
    _ = try QuantizationAssignment(self)
  }

  private static func checkFormat(_ metadata: [String: String], name: String) throws {
    guard metadata[MetadataKey.format] == format, let text = metadata[MetadataKey.version], let version = Int(text)
    else {
      throw M2FPError(
        .notAWeightsFile,
        "\(name): expected a file written by `m2fp convert` or `m2fp quantize`, found a safetensors file without its mark"
      )
    }
    guard version <= quantizedFormatVersion else {
      throw M2FPError(
        .newerVersion,
        "\(name): the file has format version \(version); this program reads up to \(quantizedFormatVersion)")
    }
  }

  /// Number of parameters of the network, without scales and zero points.
  package var parameterCount: Int {
    description.parameters.reduce(0) { $0 + $1.count }
  }
  /// Size of the tensors in bytes, by element type.
  package var bytesByElementType: [ElementType: Int] {
    file.tensors.reduce(into: [:]) { $0[$1.elementType, default: 0] += $1.byteCount }
  }
  /// Name of the checkpoint that the parameters were converted from.
  package var source: String? { metadata[MetadataKey.source] }
  /// `fp32`, `fp16` or `int8`.
  package var precision: String { metadata[MetadataKey.precision] ?? "fp32" }
}

package import Checkpoints
package import Foundation

/// Converts a training checkpoint and its configuration into one weights file: `m2fp convert`.
package struct CheckpointConverter: Sendable {
  /// Precision in which weights are stored. Computation is in fp32 either way.
  package enum StoragePrecision: String, Sendable, CaseIterable {
    case fp32
    /// Weights of two and more axes in half precision; biases, norms, and tensors that would overflow stay fp32.
    case fp16
  }

  package struct Report: Sendable {
    package let tensors: Int
    package let parameters: Int
    /// The keys of the checkpoint that lead to the state dictionary, outermost first.
    package let path: [String]
    /// Other keys of the checkpoint that seem to hold a state dictionary.
    package let others: [String]
  }

  /// - Parameters:
  ///   - checkpoint: A file with a state dictionary, bare or under one of the usual keys: PyTorch's (`.pt`, `.pth`,
  ///     `.bin`) or safetensors.
  ///   - key: The key of the state dictionary; `nil` looks for it.
  ///   - configuration: ModelScope's `configuration.json`; the one beside the checkpoint if `nil`.
  ///   - output: The safetensors file to write; it appears whole or not at all.
  ///   - check: Called before each tensor is read and written; throws to stop.
  /// - Throws: `CheckpointError` or `M2FPError` that names the file and the tensor or the field.
  @discardableResult
  package static func convert(
    checkpoint: URL, key: String? = nil, configuration: URL? = nil, to output: URL, precision: StoragePrecision = .fp32,
    check: () throws -> Void = {}
  ) throws -> Report {
    let configurationFile =
      configuration ?? checkpoint.deletingLastPathComponent().appending(path: "configuration.json")
    let opened = try open(checkpoint, key: key)
    let json = try readConfiguration(configurationFile)
    let parameters = NetworkDescription(
      try Configuration(json: json, name: configurationFile.lastPathComponent)
    ).parameters
    let source = FoldedCheckpoint(checkpoint: opened, name: checkpoint.lastPathComponent)
    try source.check(parameters)
    let metadata = WeightsFile.metadata(
      configuration: json, precision: precision.rawValue, source: checkpoint.lastPathComponent)
    let entries = try parameters.map { parameter in
      try check()
      let values = try source.values(of: parameter)
      let type = elementType(of: parameter, values, precision)
      return SafetensorsWriter.Entry(name: parameter.name, shape: parameter.shape, floats: values, as: type)
    }
    try SafetensorsWriter.write(entries, metadata: metadata, to: output.path, check: check)
    return Report(
      tensors: parameters.count, parameters: parameters.reduce(0) { $0 + $1.count }, path: source.checkpoint.path,
      others: source.checkpoint.others)
  }

  private static func open(_ url: URL, key: String?) throws -> TrainingCheckpoint {
    let checkpoint = try TrainingCheckpoint(path: url.path, key: key, root: "backbone")
    guard checkpoint.metadata[WeightsFile.MetadataKey.format] == nil else {
      throw M2FPError(
        .notAWeightsFile,
        "\(url.lastPathComponent): expected a training checkpoint, found a weights file that m2fp wrote, which can be used"
          + " as it is")
    }
    return checkpoint
  }

  /// Half precision for weights of two and more axes, unless a value would overflow.
  package static func elementType(
    of parameter: Parameter, _ values: [Float], _ precision: StoragePrecision
  ) -> ElementType {
    guard precision == .fp16, parameter.shape.count > 1 else { return .float32 }
    let fits = values.allSatisfy { abs($0) <= Float(Float16.greatestFiniteMagnitude) }
    return fits ? .float16 : .float32
  }

  /// A configuration is a few kilobytes.
  private static let largestConfiguration = 1 << 20

  private static func readConfiguration(_ url: URL) throws -> Data {
    let file = try FileBytes(path: url.path, memoryMapped: false)
    guard file.count <= largestConfiguration else {
      throw M2FPError(
        .invalidConfiguration, "\(url.lastPathComponent): expected at most 1 MiB of JSON, found \(file.count) bytes")
    }
    return file.withBytes { Data($0) }
  }
}

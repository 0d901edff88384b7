import Checkpoints
import Foundation
import TensorCore

/// Writes an int8 file: some layers of an fp32 or fp16 file quantized, the others in half precision.
package struct QuantizedFileWriter {
  let source: WeightsFile
  private let layers: [String: QuantizedLayer]

  /// - Parameter layers: Quantized layers of the network in `source`, each once.
  package init(_ source: WeightsFile, layers: [QuantizedLayer]) {
    self.source = source
    self.layers = Dictionary(layers.map { ($0.layer.name, $0) }) { first, _ in first }
  }

  /// - Parameters:
  ///   - record: How the file was made, as JSON.
  ///   - path: The file, which is written atomically.
  ///   - check: Called before each tensor is written; throws to stop.
  /// - Throws: `CheckpointError` or `M2FPError`.
  package func write(record: String, to path: String, check: () throws -> Void = {}) throws {
    var metadata = WeightsFile.metadata(
      configuration: Data((source.metadata[WeightsFile.MetadataKey.configuration] ?? "").utf8),
      precision: WeightsFile.int8, source: source.source ?? source.name)
    metadata[WeightsFile.MetadataKey.quantization] = record
    try SafetensorsWriter.write(entries(), metadata: metadata, to: path, check: check)
  }

  private func entries() throws -> [SafetensorsWriter.Entry] {
    var own: [String: SafetensorsWriter.Entry] = [:]
    for layer in layers.values {
      for entry in layer.entries { own[entry.name] = entry }
    }
    let parameters = source.description.parameters(quantized: Set(layers.keys))
    return try parameters.map { parameter in
      if let entry = own[parameter.name] { return entry }
      let values = try floats(of: parameter)
      return .init(
        name: parameter.name, shape: parameter.shape, floats: values,
        as: CheckpointConverter.elementType(of: parameter, values, .fp16))
    }
  }

  /// The values of a parameter that is not quantized, including parts of stacked tensors and corrected biases.
  private func floats(of parameter: Parameter) throws -> [Float] {
    if source.has(parameter.name) { return try correctedBias(parameter.name) }
    for (index, projection) in LayerDescription.projectionNames.enumerated() {
      let suffix = "\(projection)_weight"
      guard parameter.name.hasSuffix(suffix) else { continue }
      let stacked = try source.tensor("\(parameter.name.dropLast(suffix.count))in_proj_weight").floats()
      let count = stacked.count / LayerDescription.projectionNames.count
      return Array(stacked[index * count..<(index + 1) * count])
    }
    throw M2FPError(.missingTensor, "\(source.name): the tensor \(parameter.name) is missing")
  }

  /// A stacked bias of projections in which the parts of quantized projections are corrected; any other tensor
  /// unchanged.
  private func correctedBias(_ name: String) throws -> [Float] {
    var values = try source.tensor(name).floats()
    guard name.hasSuffix("in_proj_bias") else { return values }
    for projection in LayerDescription.projectionNames {
      let layer = "\(name.dropLast("in_proj_bias".count))\(projection)"
      guard let quantized = layers[layer], case .projection(let index) = quantized.layer.kind else { continue }
      values.replaceSubrange(index * quantized.bias.count..<(index + 1) * quantized.bias.count, with: quantized.bias)
    }
    return values
  }
}

extension QuantizedLayer {
  /// All tensors of this layer, without the bias that projections share.
  fileprivate var entries: [SafetensorsWriter.Entry] {
    let values = weight.values
    var entries: [SafetensorsWriter.Entry] = [
      .init(name: layer.weightName, elementType: .int8, shape: layer.shape) { bytes in
        values.withUnsafeBytes { bytes.copyBytesOutOfLine(from: $0) }
      },
      .init(name: layer.scaleName, shape: [layer.outputs], floats: weight.scales),
      .init(name: layer.inputName, shape: [2], floats: input.floats),
    ]
    if let output { entries.append(.init(name: layer.outputName, shape: [2], floats: output.floats)) }
    if case .projection(_) = layer.kind { return entries }
    return entries + [.init(name: layer.biasName, shape: [layer.outputs], floats: bias)]
  }
}

extension QuantizationParameters {
  /// The elements of the tensor in a file.
  fileprivate var floats: [Float] { [scale, Float(zeroPoint)] }
}

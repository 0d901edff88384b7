import Checkpoints
import Foundation
import M2FP

/// Writes a weights file without the channels that a plan leaves out.
struct PrunedFileWriter {
  let source: WeightsFile
  let plan: PruningPlan
  /// Fitted weights, in the order of rows, and biases of layers that read fewer channels, by name.
  let fitted: [String: (weight: [Float], bias: [Float])]

  /// - Throws: `CheckpointError` or `M2FPError`.
  func write(to path: String, check: () throws -> Void) throws {
    let json = try configuration()
    let configuration = try Configuration(json: json, name: source.name)
    var layers: [String: LayerDescription] = [:]
    for layer in source.description.layers where !layer.isProjection {
      layers[layer.weightName] = layer
      layers[layer.biasName] = layer
    }
    let entries = try NetworkDescription(configuration).parameters.map { parameter in
      try check()
      let values = try layers[parameter.name].map { try floats(of: parameter, $0) } ?? source.floats(parameter.name)
      let type = CheckpointConverter.elementType(of: parameter, values, source.storagePrecision)
      return SafetensorsWriter.Entry(name: parameter.name, shape: parameter.shape, floats: values, as: type)
    }
    let metadata = WeightsFile.metadata(
      configuration: json, precision: source.precision, source: source.source ?? source.name)
    try SafetensorsWriter.write(entries, metadata: metadata, to: path, check: check)
  }

  /// The text of the configuration, with the widths that are left.
  private func configuration() throws -> Data {
    let text = Data((source.metadata[WeightsFile.MetadataKey.configuration] ?? "").utf8)
    guard var object = try JSONSerialization.jsonObject(with: text) as? [String: Any],
      var model = object["model"] as? [String: Any]
    else { throw M2FPError(.invalidConfiguration, "\(source.name): the configuration is not a JSON object") }
    let widths = plan.kept.mapValues(\.count)
    model["pruned_widths"] = source.configuration.model.prunedWidths.merging(widths) { $1 }
    object["model"] = model
    return try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .prettyPrinted])
  }

  /// A layer's weight or bias, without what reads or makes channels that leave.
  private func floats(of parameter: Parameter, _ layer: LayerDescription) throws -> [Float] {
    let outputs = plan.kept[layer.name] ?? Array(0..<layer.outputs)
    guard parameter.name == layer.weightName else {
      let bias = try fitted[layer.name]?.bias ?? source.floats(parameter.name)
      return bias.count == layer.outputs ? outputs.map { bias[$0] } : bias
    }
    let inputs = plan.kept[layer.input.name] ?? Array(0..<layer.inputs)
    // (outputs, taps, inputs)
    let weight: [Float]
    if let fit = fitted[layer.name] {
      weight = fit.weight
    } else {
      let all = layer.rowOrder(try source.floats(parameter.name))
      weight = layer.elements(of: inputs, selectedFrom: all)
    }
    let depth = layer.taps * inputs.count
    let rows = outputs.flatMap { weight[$0 * depth..<($0 + 1) * depth] }
    // Back to PyTorch's order (outputs, inputs, taps).
    return rows.indices.map { index in
      let (output, place) = (index / depth, index % depth)
      return rows[output * depth + place % layer.taps * inputs.count + place / layer.taps]
    }
  }
}

extension LayerDescription {
  /// Elements of a row that belong to some of the inputs, ascending.
  func elements(of inputs: [Int]) -> [Int] {
    (0..<taps).flatMap { tap in inputs.map { tap * self.inputs + $0 } }
  }

  /// The weights (outputs, taps, inputs) of some inputs alone.
  fileprivate func elements(of inputs: [Int], selectedFrom weight: [Float]) -> [Float] {
    let elements = elements(of: inputs)
    return (0..<outputs).flatMap { output in elements.map { weight[output * depth + $0] } }
  }
}

extension WeightsFile {
  /// The values of a tensor in fp32.
  func floats(_ name: String) throws -> [Float] { try constant(name).withElements(Array.init) }

  fileprivate var storagePrecision: CheckpointConverter.StoragePrecision {
    CheckpointConverter.StoragePrecision(rawValue: precision) ?? .fp32
  }
}

/// A layer whose weight may be kept and computed with in int8: its names in a file, and what it reads.
package struct QuantizableLayer: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case convolution(hasBias: Bool)
    case linear
    /// One of the three projections that `nn.MultiheadAttention` stacks: 0 query, 1 key, 2 value.
    case projection(index: Int)
  }

  /// What reports and messages call it: the beginning of its tensors' names.
  package let name: String
  package let kind: Kind
  /// Of the weight: (outputs, inputs), or (outputs, inputs, kernel row, kernel column).
  package let shape: [Int]
  /// The tensor that it reads. All layers that read it quantize it alike.
  package let input: String
  /// Whether a file holds the quantization of its result, too: a shortcut's, which no layer but the sum reads.
  package let quantizesOutput: Bool

  init(_ name: String, _ kind: Kind, shape: [Int], reads input: String, quantizesOutput: Bool = false) {
    self.name = name
    self.kind = kind
    self.shape = shape
    self.input = input
    self.quantizesOutput = quantizesOutput
  }

  package var outputs: Int { shape[0] }
  /// Factors of each output.
  package var depth: Int { shape.dropFirst().reduce(1, *) }

  package var weightName: String { tensor("weight") }
  package var scaleName: String { tensor("weight_scale") }
  package var inputName: String { tensor("input") }
  package var outputName: String { tensor("output") }
  /// In files where the layer is quantized it always has one. Projections share a stacked one.
  package var biasName: String {
    if case .projection(_) = kind { return stacked("bias") }
    return tensor("bias")
  }
  /// Where a file of floats has the weight of a projection.
  package var stackedWeightName: String { stacked("weight") }

  private func stacked(_ suffix: String) -> String { "\(name.dropLast("q_proj".count))in_proj_\(suffix)" }

  /// PyTorch writes `k_proj_weight` where other layers have a dot.
  private func tensor(_ suffix: String) -> String {
    guard case .projection(_) = kind else { return "\(name).\(suffix)" }
    return "\(name)_\(suffix)"
  }

  /// What a file holds in place of the layer's weight when the layer is quantized.
  var parameters: [Parameter] {
    var parameters = [
      Parameter(weightName, shape, .int8), Parameter(scaleName, [outputs], .float32),
      Parameter(inputName, [2], .float32),
    ]
    if quantizesOutput { parameters.append(Parameter(outputName, [2], .float32)) }
    if kind == .convolution(hasBias: false) { parameters.append(Parameter(biasName, [outputs])) }
    return parameters
  }
}

/// A layer with weights: its names in a file, its sizes, and the activations that it reads and writes.
package struct LayerDescription: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case convolution(stride: Int, padding: Int, dilation: Int)
    case linear
    /// One of the three projections that `nn.MultiheadAttention` stacks: 0 query, 1 key, 2 value.
    case projection(index: Int)
  }

  /// The prefix of the names of its tensors; reports and messages call the layer so.
  package let name: String
  package let kind: Kind
  /// Shape of the weight: (outputs, inputs), or (outputs, inputs, kernel row, kernel column).
  package let shape: [Int]
  /// Whether the layer has a bias in an fp32 or fp16 file.
  package let hasBias: Bool
  /// The activation that the layer reads. All layers that read the same activation quantize it alike.
  package let input: TensorDescription
  package let output: TensorDescription
  /// Name of the activation that is added to the layer's result; `nil` if none is.
  package let residual: String?
  /// Whether the layer may write int8: a convolution, or the first layer of a fused feed-forward network.
  package let mayWriteInt8: Bool
  /// Whether an int8 file holds the quantization of the layer's result: that of a shortcut, which no layer reads but
  /// which is added to another layer's result.
  package internal(set) var quantizesOutput = false

  var isConvolution: Bool { if case .convolution = kind { true } else { false } }
  package var isProjection: Bool { if case .projection = kind { true } else { false } }
  package var outputs: Int { shape[0] }
  package var inputs: Int { shape[1] }
  /// Number of products in the sum of each output.
  package var depth: Int { shape.dropFirst().reduce(1, *) }

  /// Whether int8 makes the layer faster: all layers that work on pixels, except the first, which reads the image with
  /// its three channels, and among the layers that work on queries the feed-forward networks.
  package var isQuantizable: Bool {
    switch input.rows {
    case .pixels(let strides): strides != [1]
    case .queries: name.contains(".transformer_ffn_layers.")
    }
  }
}

extension LayerDescription {
  /// The projections' names, in the order in which `nn.MultiheadAttention` stacks them.
  static let projectionNames = ["q_proj", "k_proj", "v_proj"]

  package var weightName: String { tensor("weight") }
  package var scaleName: String { tensor("weight_scale") }
  package var inputName: String { tensor("input") }
  package var outputName: String { tensor("output") }
  /// In an int8 file, a quantized layer always has a bias. Projections share a stacked one.
  package var biasName: String {
    if case .projection(_) = kind { return stacked("bias") }
    return tensor("bias")
  }
  /// Name of the stacked weight of the three projections in an fp32 or fp16 file.
  package var stackedWeightName: String { stacked("weight") }

  private func stacked(_ suffix: String) -> String { "\(name.dropLast("q_proj".count))in_proj_\(suffix)" }

  /// PyTorch writes `k_proj_weight` where other layers have a dot.
  private func tensor(_ suffix: String) -> String {
    guard case .projection(_) = kind else { return "\(name).\(suffix)" }
    return "\(name)_\(suffix)"
  }

  /// Parameters of the layer in a file, without the bias that projections share.
  func parameters(isQuantized: Bool) -> [Parameter] {
    var parameters = [Parameter(weightName, shape, isQuantized ? .int8 : .floats)]
    if isQuantized {
      parameters.append(Parameter(scaleName, [outputs], .float32))
      parameters.append(Parameter(inputName, [2], .float32))
      if quantizesOutput { parameters.append(Parameter(outputName, [2], .float32)) }
    }
    if case .projection(_) = kind { return parameters }
    if hasBias || isQuantized { parameters.append(Parameter(biasName, [outputs])) }
    return parameters
  }
}

import Checkpoints
import TensorCore
import TensorKernels

/// Makes layers out of the tensors of a weights file, whose names and shapes have been checked against `KeyMap`.
struct ParameterReader {
  let file: WeightsFile
  /// Threads to pack weights on.
  let pool: WorkerPool?

  func constant(_ name: String) throws -> Constant<Float> {
    let record = try file.tensor(name)
    defer { record.discardPages() }
    return try Constant(count: record.count) { buffer in
      try record.copyFloats(into: buffer)
      guard UnsafeBufferPointer(buffer).firstNonFiniteIndex == nil else {
        throw M2FPError(.notFinite, "\(file.name): \(name) must hold finite numbers, found NaN or infinity")
      }
    }
  }

  /// A square convolution; its size is that of the tensor.
  func convolution(
    _ name: String, stride: Int = 1, padding: Int = 0, dilation: Int = 1, bias: Bool = true
  ) throws -> Convolution {
    let shape = try file.tensor("\(name).weight").shape
    let weight = try weight(ofLayer: name) ?? constant("\(name).weight")
    let bias = bias || file.quantizedLayers[name] != nil ? try constant("\(name).bias") : nil
    var convolution = weight.withElements { weight in
      Convolution(
        weightOIHW: weight, bias: bias, inputs: shape[1], outputs: shape[0], kernel: shape[2], stride: stride,
        padding: padding, dilation: dilation, pool: pool)
    }
    convolution.name = name
    return convolution
  }

  func linear(_ name: String) throws -> Linear {
    let shape = try file.tensor("\(name).weight").shape
    var linear = Linear(
      weight: try weight(ofLayer: name) ?? constant("\(name).weight"), bias: try constant("\(name).bias"),
      inputs: shape[1], outputs: shape[0],
      pool: pool)
    linear.name = name
    return linear
  }

  func layerNorm(_ name: String) throws -> LayerNorm {
    LayerNorm(weight: try constant("\(name).weight"), bias: try constant("\(name).bias"))
  }

  /// Group norm with 32 groups, the number in all of Mask2Former.
  func groupNorm(_ name: String) throws -> GroupNorm {
    GroupNorm(groups: 32, weight: try constant("\(name).weight"), bias: try constant("\(name).bias"))
  }

  /// The query, key and value projections of PyTorch's `nn.MultiheadAttention`, whose weights lie in one tensor, or in
  /// three in the cross attention of int8 files.
  func attentionProjections(_ name: String) throws -> (query: Linear, key: Linear, value: Linear) {
    let bias = try constant("\(name).in_proj_bias")
    let dim = bias.count / 3
    let weights = try projectionWeights(name, dim: dim)
    func part(_ index: Int) -> Linear {
      var linear = Linear(
        weight: weights[index], bias: bias.part((index * dim)..<((index + 1) * dim)), inputs: dim, outputs: dim,
        pool: pool)
      linear.name = "\(name).\(KeyMap.projectionNames[index])"
      return linear
    }
    return (part(0), part(1), part(2))
  }

  private func projectionWeights(_ name: String, dim: Int) throws -> [Constant<Float>] {
    if file.has("\(name).in_proj_weight") {
      let weight = try constant("\(name).in_proj_weight")
      return (0..<3).map { weight.part(($0 * dim * dim)..<(($0 + 1) * dim * dim)) }
    }
    return try KeyMap.projectionNames.map { projection in
      try weight(ofLayer: "\(name).\(projection)") ?? constant("\(name).\(projection)_weight")
    }
  }
}

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
    let weight = try constant("\(name).weight")
    let bias = bias ? try constant("\(name).bias") : nil
    return weight.withElements { weight in
      Convolution(
        weightOIHW: weight, bias: bias, inputs: shape[1], outputs: shape[0], kernel: shape[2], stride: stride,
        padding: padding, dilation: dilation, pool: pool)
    }
  }

  func linear(_ name: String) throws -> Linear {
    let shape = try file.tensor("\(name).weight").shape
    return Linear(
      weight: try constant("\(name).weight"), bias: try constant("\(name).bias"), inputs: shape[1], outputs: shape[0],
      pool: pool)
  }

  func layerNorm(_ name: String) throws -> LayerNorm {
    LayerNorm(weight: try constant("\(name).weight"), bias: try constant("\(name).bias"))
  }

  /// Group norm with 32 groups, the number in all of Mask2Former.
  func groupNorm(_ name: String) throws -> GroupNorm {
    GroupNorm(groups: 32, weight: try constant("\(name).weight"), bias: try constant("\(name).bias"))
  }

  /// The query, key and value projections that PyTorch's `nn.MultiheadAttention` stacks in one tensor.
  func attentionProjections(_ name: String) throws -> (query: Linear, key: Linear, value: Linear) {
    let weight = try constant("\(name).in_proj_weight")
    let bias = try constant("\(name).in_proj_bias")
    let dim = bias.count / 3
    func part(_ index: Int) -> Linear {
      Linear(
        weight: weight.part((index * dim * dim)..<((index + 1) * dim * dim)),
        bias: bias.part((index * dim)..<((index + 1) * dim)), inputs: dim, outputs: dim, pool: pool)
    }
    return (part(0), part(1), part(2))
  }
}

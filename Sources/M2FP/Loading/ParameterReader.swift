import Checkpoints
import TensorCore
import TensorKernels

/// Makes layers out of the tensors of a weights file, whose names and shapes have been checked against `KeyMap`.
struct ParameterReader {
  let file: WeightsFile
  /// That the layers compute with.
  var instructions = InstructionSet.best
  /// Threads to pack weights on.
  let pool: WorkerPool?
  /// Of the layers of floats.
  var arithmetic: Arithmetic { file.precision == WeightsFile.int8 ? .reproducible : .fastest }

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
  ///
  /// - Parameters:
  ///   - bias: Whether it has one where it is a layer of floats.
  ///   - output: Of the bytes that it shall write; nil for floats.
  ///   - residual: Of the bytes that are added to those; nil if nothing is.
  func convolution(
    _ name: String, stride: Int = 1, padding: Int = 0, dilation: Int = 1, bias: Bool = true,
    output: QuantizationParameters? = nil, residual: QuantizationParameters? = nil
  ) throws -> Convolution {
    let shape = try file.tensor("\(name).weight").shape
    if let weight = try quantized(name) {
      return Convolution(
        quantized: weight, inputs: shape[1], outputs: shape[0], kernel: shape[2], stride: stride, padding: padding,
        dilation: dilation, output: output, residual: residual, instructions: instructions, pool: pool)
    }
    let bias = bias ? try constant("\(name).bias") : nil
    var convolution = try constant("\(name).weight").withElements { weight in
      Convolution(
        weightOIHW: weight, bias: bias, inputs: shape[1], outputs: shape[0], kernel: shape[2], stride: stride,
        padding: padding, dilation: dilation, output: output, arithmetic: arithmetic, instructions: instructions,
        pool: pool)
    }
    convolution.name = name
    return convolution
  }

  func linear(_ name: String) throws -> Linear {
    let shape = try file.tensor("\(name).weight").shape
    if let weight = try quantized(name) {
      return Linear(quantized: weight, inputs: shape[1], outputs: shape[0], instructions: instructions, pool: pool)
    }
    var linear = Linear(
      weight: try constant("\(name).weight"), bias: try constant("\(name).bias"), inputs: shape[1], outputs: shape[0],
      arithmetic: arithmetic, instructions: instructions, pool: pool)
    linear.name = name
    return linear
  }

  /// The feed-forward network of an encoder layer, with bytes between its layers where both are quantized.
  func feedForward(_ name: String, norm: LayerNorm) throws -> FeedForward {
    let second = "\(name).linear2"
    guard let weight = try quantized("\(name).linear1"), let between = try inputQuantization(of: second) else {
      return FeedForward(linear1: try linear("\(name).linear1"), linear2: try linear(second), norm: norm)
    }
    let shape = try file.tensor("\(name).linear1.weight").shape
    let first = Linear(
      quantized: weight, inputs: shape[1], outputs: shape[0], output: between, instructions: instructions, pool: pool)
    return FeedForward(linear1: first, linear2: try linear(second), norm: norm)
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
    let stacked = file.has("\(name).in_proj_weight") ? try constant("\(name).in_proj_weight") : nil
    func part(_ index: Int) throws -> Linear {
      let projection = KeyMap.projectionNames[index]
      if let weight = try quantized("\(name).\(projection)") {
        return Linear(quantized: weight, inputs: dim, outputs: dim, instructions: instructions, pool: pool)
      }
      let weight =
        try stacked?.part((index * dim * dim)..<((index + 1) * dim * dim)) ?? constant("\(name).\(projection)_weight")
      var linear = Linear(
        weight: weight, bias: bias.part((index * dim)..<((index + 1) * dim)), inputs: dim, outputs: dim,
        arithmetic: arithmetic, instructions: instructions, pool: pool)
      linear.name = "\(name).\(projection)"
      return linear
    }
    return (try part(0), try part(1), try part(2))
  }
}

package import TensorCore

/// y = x · Wᵀ + b: a fully connected layer, as PyTorch's `nn.Linear`. An int8 layer quantizes x block by block.
package struct Linear: Sendable {
  package let inputs: Int
  package let outputs: Int
  /// Name that an observer is told.
  package var name = ""
  let weights: Weights

  enum Weights {
    case floats(PackedWeights)
    case integers(PackedIntegerWeights)
    /// No weights: the layer has sizes only.
    case meta
  }

  /// A layer with sizes and without weights, as on PyTorch's meta device: it describes a network and must not be called.
  package init(inputs: Int, outputs: Int) {
    self.inputs = inputs
    self.outputs = outputs
    weights = .meta
  }

  /// An fp32 layer.
  ///
  /// - Parameters:
  ///   - weight: Axes (outputs, inputs), row-major.
  ///   - bias: Axes (outputs); `nil` for none.
  package init(
    weight: Constant<Float>, bias: Constant<Float>?, inputs: Int, outputs: Int, arithmetic: Arithmetic = .fastest,
    backend: KernelBackend = .best, pool: WorkerPool? = nil
  ) {
    precondition(bias?.count ?? outputs == outputs)
    weights = weight.withElements { weight in
      withExtendedLifetime(bias) {
        .floats(
          PackedWeights(
            weight, bias: bias?.pointer, columns: outputs, inputs: inputs, taps: 1,
            backend.gemm(arithmetic), pool: pool))
      }
    }
    self.inputs = inputs
    self.outputs = outputs
  }

  /// An int8 layer.
  ///
  /// - Parameters:
  ///   - weight: Axes (outputs, inputs).
  ///   - output: Quantization of the output between the two layers of a `FeedForward`; `nil` if the output is fp32.
  package init(
    quantized weight: QuantizedWeight, inputs: Int, outputs: Int, output: QuantizationParameters? = nil,
    backend: KernelBackend = .best, pool: WorkerPool? = nil
  ) {
    weights = .integers(
      PackedIntegerWeights(
        weight, columns: outputs, inputs: inputs, taps: 1, output: output, backend.integerKernels, pool: pool))
    self.inputs = inputs
    self.outputs = outputs
  }

  /// y = activation(x · Wᵀ + b + residual).
  ///
  /// x (rows, inputs); y and residual (rows, outputs). The residual may be y; x must not overlap y.
  package func callAsFunction(
    _ x: Matrix, into y: Matrix, activation: Activation = .none, residual: Matrix? = nil, _ context: ExecutionContext
  ) {
    assert(x.columns == inputs && y.columns == outputs && x.rows == y.rows)
    let probed = context.begin(LayerInput(x), of: name)
    switch weights {
    case .floats(let weights):
      multiply(x, by: weights, into: y, residual: residual, activation: activation, pool: context.pool)
    case .integers(let weights):
      weights.multiply(
        x, into: PackedIntegerWeights.result(y, residual: residual, activation: activation), context)
    case .meta: preconditionFailure("the layer \(name) has no weights")
    }
    context.end(probed, of: name, writing: y)
  }

  /// y = x · Wᵀ + b of an fp32 or a quantized x, in a new tensor (rows, outputs).
  package func callAsFunction(_ x: FeatureView, _ context: ExecutionContext) -> Tensor<Float> {
    let rows = x.height * x.width
    switch (x, weights) {
    case (.floats(let map), _): return self(map.tokens, context)
    case (.bytes, .integers(let weights)):
      let y = context.arena.matrix(rows: rows, columns: outputs)
      weights.multiply(
        x, into: PackedIntegerWeights.result(y.matrix, residual: nil, activation: .none), context)
      return y
    case (.bytes(let map), _):
      let floats = context.arena.matrix(rows: rows, columns: inputs)
      dequantize(map, into: floats.map, context)
      return self(floats.matrix, context)
    }
  }

  /// y = norm(x · Wᵀ + b + residual), each block of rows normalized while it is in cache.
  package func callAsFunction(
    _ x: Matrix, into y: Matrix, residual: Matrix, norm: LayerNorm, _ context: ExecutionContext
  ) {
    assert(x.columns == inputs && y.columns == outputs && x.rows == y.rows)
    let probed = context.begin(LayerInput(x), of: name)
    switch weights {
    case .floats(let weights):
      let grid = PanelGrid(rows: y.rows, weights, threads: context.pool.threads, splitsPanels: false)
      context.pool.forEach(grid.count, sharing: (grid, weights, x, y, residual, norm, context.instructions)) {
        index, _, shared in
        let (grid, weights, x, y, residual, norm, instructions) = shared
        let (rows, panels) = grid.task(index)
        weights.panels.multiply(x.rows(rows), panels: panels, into: y.rows(rows), residual: residual.rows(rows))
        norm.normalize(y.rows(rows), instructions)
      }
    case .integers(let weights):
      weights.multiply(x, into: y, residual: residual, norm: norm, context)
    case .meta: preconditionFailure("the layer \(name) has no weights")
    }
    context.end(probed, of: name, writing: y)
  }

  /// y = activation(x · Wᵀ + b + residual), in a new tensor (rows, outputs).
  package func callAsFunction(
    _ x: Matrix, activation: Activation = .none, residual: Matrix? = nil, _ context: ExecutionContext
  ) -> Tensor<Float> {
    let y = context.arena.matrix(rows: x.rows, columns: outputs)
    self(x, into: y.matrix, activation: activation, residual: residual, context)
    return y
  }

  /// The whole product of a block of rows on the caller's thread.
  ///
  /// - Parameters:
  ///   - scratch: Memory of `quantizedSize` bytes, in which an int8 layer quantizes x.
  ///   - observed: The pass, if it has an observer, which is shown what the layer reads and writes.
  func multiplyBlock(
    _ x: Matrix, into y: Matrix, activation: Activation = .none, residual: Matrix? = nil,
    scratch: UnsafeMutablePointer<UInt8>, observed: ExecutionContext?
  ) {
    switch weights {
    case .floats(let weights):
      let probed = observed?.begin(LayerInput(x), of: name)
      weights.panels.multiply(x, panels: 0..<weights.panelCount, into: y, residual: residual, activation: activation)
      observed?.end(probed, of: name, writing: y)
    case .integers(let weights):
      weights.panels.multiply(
        weights.kernels.quantize(x, as: weights.input, into: scratch), panels: 0..<weights.panels.count,
        into: PackedIntegerWeights.result(y, residual: residual, activation: activation))
    case .meta: preconditionFailure("the layer \(name) has no weights")
    }
  }

  /// Size in bytes of a block of int8 input rows, each padded to a multiple of four bytes.
  static func quantizedSize(rows: Int, inputs: Int) -> Int { rows * roundUp(inputs, to: 4) }
}

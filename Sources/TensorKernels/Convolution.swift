package import TensorCore

/// A 2-D convolution with a square kernel over an NHWC feature map, as PyTorch's `nn.Conv2d` with one group.
///
/// Output size along each axis: (input + 2 · padding − dilation · (kernel − 1) − 1) / stride + 1, rounded down. A 1 × 1
/// kernel of stride 1 is one matrix product, a 3 × 3 kernel of stride 1 goes through Winograd's transforms where its
/// channels fill vectors and its arithmetic is the fastest, and the others gather the pixels under the kernel for one
/// block of output pixels at a time, so that what is gathered stays in cache. An int8 layer multiplies
/// int8 values.
package struct Convolution: Sendable {
  /// Quantization of the output; `nil` if the output is fp32.
  package let output: QuantizationParameters?
  private let shape: ConvolutionShape
  /// Name that an observer is told.
  package var name = ""
  private let method: Method

  private enum Method {
    case pointwise(PackedWeights)
    case gathering(PackedWeights)
    /// Winograd for outputs that are large enough, im2col for others.
    case winograd(WinogradConvolution, gathering: PackedWeights)
    case quantized(QuantizedConvolution)
    /// No weights: the layer has sizes only.
    case meta
  }

  /// A layer with sizes and without weights, as on PyTorch's meta device: it describes a network and must not be called.
  package init(inputs: Int, outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1) {
    shape = ConvolutionShape(
      inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: padding, dilation: dilation)
    output = nil
    method = .meta
  }

  /// An fp32 layer.
  ///
  /// - Parameters:
  ///   - weightOIHW: Axes (outputs, inputs, kernel row, kernel column), as PyTorch stores it.
  ///   - bias: Axes (outputs); `nil` for none.
  ///   - output: Quantization of the output; `nil` if the output is fp32.
  package init(
    weightOIHW: UnsafeBufferPointer<Float>, bias: Constant<Float>?, inputs: Int, outputs: Int, kernel: Int,
    stride: Int = 1, padding: Int = 0, dilation: Int = 1, output: QuantizationParameters? = nil,
    arithmetic: Arithmetic = .fastest,
    backend: KernelBackend = .best, pool: WorkerPool? = nil
  ) {
    shape = ConvolutionShape(
      inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: padding, dilation: dilation)
    precondition(weightOIHW.count == outputs * inputs * kernel * kernel && bias?.count ?? outputs == outputs)
    self.output = output
    let isPointwise = shape.isPointwise
    method = withExtendedLifetime(bias) {
      let weights = PackedWeights(
        weightOIHW, bias: bias?.pointer, columns: outputs, inputs: inputs, taps: kernel * kernel,
        backend.gemm(arithmetic), pool: pool)
      if kernel == 3, stride == 1, dilation == 1, arithmetic == .fastest,
        WinogradConvolution.isApplicable(inputs: inputs, outputs: outputs)
      {
        let winograd = WinogradConvolution(
          weights, bias: bias?.pointer, inputs: inputs, outputs: outputs, backend.kernels)
        return .winograd(winograd, gathering: weights)
      }
      return isPointwise ? .pointwise(weights) : .gathering(weights)
    }
  }

  /// An int8 layer.
  ///
  /// - Parameters:
  ///   - weight: Axes (outputs, inputs, kernel row, kernel column).
  ///   - output: Quantization of the output; `nil` if the output is fp32.
  ///   - residual: Quantization of the residual of a quantized output; `nil` if there is none.
  package init(
    quantized weight: QuantizedWeight, inputs: Int, outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    dilation: Int = 1, output: QuantizationParameters?, residual: QuantizationParameters? = nil,
    backend: KernelBackend = .best,
    pool: WorkerPool? = nil
  ) {
    shape = ConvolutionShape(
      inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: padding, dilation: dilation)
    self.output = output
    method = .quantized(
      QuantizedConvolution(
        weight, shape, output: output, residual: residual, backend.integerKernels, pool: pool))
  }

  /// Quantization of the input; `nil` for an fp32 layer.
  package var input: QuantizationParameters? {
    if case .quantized(let convolution) = method { convolution.weights.input } else { nil }
  }

  package var inputs: Int { shape.inputs }
  package var outputs: Int { shape.outputs }

  /// The size of the result for an input of the given size; 0 along an axis where the kernel does not fit.
  package func outputSize(height: Int, width: Int) -> (height: Int, width: Int) {
    (shape.outputLength(height), shape.outputLength(width))
  }

  /// y = activation(convolution of x + bias + residual).
  ///
  /// x (height, width, inputs); y and residual (`outputSize`, outputs). The residual may be y; x must not overlap y.
  /// y is quantized if `output` is not `nil`, and the residual is quantized if y is.
  package func callAsFunction(
    _ x: FeatureView, into y: FeatureView, activation: Activation = .none, residual: FeatureView? = nil,
    _ context: ExecutionContext
  ) {
    assert(x.channels == inputs && y.channels == outputs)
    assert((y.height, y.width) == outputSize(height: x.height, width: x.width))
    precondition(takes(residual, into: y), "a residual is of the output's type, and no fp32 layer adds int8")
    switch (method, x, y) {
    case (.quantized(let convolution), _, _):
      convolution(x, into: y, residual: residual, activation: activation, context)
    case (_, .bytes(let bytes), _):
      let floats = context.arena.tensor(height: x.height, width: x.width, channels: x.channels)
      dequantize(bytes, into: floats.map, context)
      self(.floats(floats.map), into: y, activation: activation, residual: residual, context)
    case (_, .floats(let x), .floats(let y)):
      convolve(x, into: y, activation: activation, residual: residual?.floats, context)
    case (.gathering(let weights), .floats(let x), .bytes(let y)):
      convolveByGathering(x, weights, into: y, activation: activation, context)
    case (_, .floats(let x), .bytes(let y)):
      let floats = context.arena.tensor(height: y.height, width: y.width, channels: y.channels)
      convolve(x, into: floats.map, activation: activation, residual: nil, context)
      quantize(floats.map, into: y, context)
    }
  }

  /// Whether a residual may be added to what the layer writes: it is of the same type, and if that is int8, the layer is
  /// quantized.
  private func takes(_ residual: FeatureView?, into y: FeatureView) -> Bool {
    switch (residual, y) {
    case (nil, _), (.floats, .floats): true
    case (.bytes, .bytes): input != nil
    case (.floats, .bytes), (.bytes, .floats): false
    }
  }

  /// The same for fp32 maps.
  package func callAsFunction(
    _ x: FeatureMap<Float>, into y: FeatureMap<Float>, activation: Activation = .none,
    residual: FeatureMap<Float>? = nil,
    _ context: ExecutionContext
  ) {
    self(.floats(x), into: .floats(y), activation: activation, residual: residual.map { .floats($0) }, context)
  }

  /// The same into a new activation.
  package func callAsFunction(
    _ x: FeatureView, activation: Activation = .none, residual: FeatureView? = nil, _ context: ExecutionContext
  ) -> Features {
    let size = outputSize(height: x.height, width: x.width)
    let y = context.features(height: size.height, width: size.width, channels: outputs, output)
    self(x, into: y.view, activation: activation, residual: residual, context)
    return y
  }

  /// The same into a new tensor; only for a layer whose output is fp32.
  package func callAsFunction(
    _ x: FeatureMap<Float>, activation: Activation = .none, residual: FeatureMap<Float>? = nil,
    _ context: ExecutionContext
  ) -> Tensor<Float> {
    let size = outputSize(height: x.height, width: x.width)
    let y = context.arena.tensor(height: size.height, width: size.width, channels: outputs)
    self(x, into: y.map, activation: activation, residual: residual, context)
    return y
  }
}

extension Convolution {
  private func convolve(
    _ x: FeatureMap<Float>, into y: FeatureMap<Float>, activation: Activation, residual: FeatureMap<Float>?,
    _ context: ExecutionContext
  ) {
    let probed = context.begin(LayerInput(x, shape, into: y), of: name)
    switch method {
    case .pointwise(let weights):
      multiply(
        x.tokens, by: weights, into: y.tokens, residual: residual?.tokens, activation: activation,
        pool: context.pool)
    case .winograd(let winograd, _) where WinogradConvolution.isFaster(height: y.height, width: y.width):
      winograd(x, into: y, padding: shape.padding, residual: residual, activation: activation, context)
    case .gathering(let weights), .winograd(_, let weights):
      convolveByGathering(x, weights, into: y, residual: residual, activation: activation, context)
    case .quantized: assertionFailure("a quantized layer multiplies bytes")
    case .meta: preconditionFailure("the layer \(name) has no weights")
    }
    context.end(probed, of: name, writing: y.tokens)
  }

  private func convolveByGathering(
    _ x: FeatureMap<Float>, _ weights: PackedWeights, into y: FeatureMap<Float>, residual: FeatureMap<Float>?,
    activation: Activation,
    _ context: ExecutionContext
  ) {
    let result = y.tokens
    let grid = PanelGrid(rows: result.rows, weights, threads: context.pool.threads, splitsPanels: false)
    let gather = shape.gather(x, outputWidth: y.width)
    var layout = ScratchLayout()
    let gathered = layout.add(Float.self, count: grid.tallest * gather.depth)
    let scratch = context.scratch(layout)
    context.pool.forEach(
      grid.count, sharing: (grid, gather, weights, residual?.tokens, activation, result, scratch.threads, gathered)
    ) { index, thread, shared in
      let (grid, gather, weights, residual, activation, result, threads, gathered) = shared
      let (rows, panels) = grid.task(index)
      let pixels = Matrix(threads[thread][gathered], rows: rows.count, columns: gather.depth)
      gather(rows, into: pixels.base)
      weights.panels.multiply(
        pixels, panels: panels, into: result.rows(rows), residual: residual?.rows(rows),
        activation: activation)
    }
  }

  /// The same with a quantized output: each block is quantized while it is in cache.
  private func convolveByGathering(
    _ x: FeatureMap<Float>, _ weights: PackedWeights, into y: FeatureMap<UInt8>, activation: Activation,
    _ context: ExecutionContext
  ) {
    let grid = PanelGrid(rows: y.height * y.width, weights, threads: context.pool.threads, splitsPanels: false)
    let gather = shape.gather(x, outputWidth: y.width)
    let kernels = context.instructions.integerKernels
    var layout = ScratchLayout()
    let products = layout.add(Float.self, count: grid.tallest * outputs)
    let gathered = layout.add(Float.self, count: grid.tallest * gather.depth)
    let scratch = context.scratch(layout)
    context.pool.forEach(
      grid.count, sharing: (grid, gather, weights, activation, kernels, y, scratch.threads, gathered, products)
    ) { index, thread, shared in
      let (grid, gather, weights, activation, kernels, y, threads, gathered, products) = shared
      let (rows, panels) = grid.task(index)
      let outputs = weights.columns
      let result = Matrix(threads[thread][products], rows: rows.count, columns: outputs)
      let pixels = Matrix(threads[thread][gathered], rows: rows.count, columns: gather.depth)
      gather(rows, into: pixels.base)
      weights.panels.multiply(pixels, panels: panels, into: result, activation: activation)
      kernels.quantize(
        result.base, rows.count * outputs, 1 / y.quantization.scale, Float(y.quantization.zeroPoint),
        y.base + rows.lowerBound * outputs)
    }
  }
}

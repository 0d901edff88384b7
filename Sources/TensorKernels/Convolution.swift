package import TensorCore

/// A 2-D convolution with a square kernel over an NHWC feature map, as PyTorch's `nn.Conv2d` with one group.
///
/// Output size along each axis: (input + 2 · padding − dilation · (kernel − 1) − 1) / stride + 1, rounded down. A 1 × 1
/// kernel of stride 1 is one matrix product, a 3 × 3 kernel of stride 1 goes through Winograd's transforms where its
/// channels fill vectors, and the others gather the pixels under the kernel for one block of output pixels at a time,
/// so that what is gathered stays in cache.
package struct Convolution: Sendable {
  package let inputs: Int
  package let outputs: Int
  package let kernel: Int
  package let stride: Int
  package let padding: Int
  package let dilation: Int
  /// What a probe knows it by.
  package var name = ""
  private let method: Method

  private enum Method {
    case pointwise(PackedWeights)
    case gathering(PackedWeights)
    /// Where the output is large enough; by gathering where it is not.
    case winograd(WinogradConvolution, gathering: PackedWeights)
  }

  /// A layer of the given weight (outputs, inputs, kernel row, kernel column), PyTorch's order, which is packed into our
  /// own, and bias (outputs), nil for none.
  package init(
    weightOIHW: UnsafeBufferPointer<Float>, bias: Constant<Float>?, inputs: Int, outputs: Int, kernel: Int,
    stride: Int = 1, padding: Int = 0, dilation: Int = 1, instructions: InstructionSet = .best,
    pool: WorkerPool? = nil
  ) {
    precondition(inputs > 0 && outputs > 0 && kernel > 0 && stride > 0 && padding >= 0 && dilation > 0)
    precondition(weightOIHW.count == outputs * inputs * kernel * kernel && bias?.count ?? outputs == outputs)
    let kernels = instructions.kernels
    method = withExtendedLifetime(bias) {
      let weights = PackedWeights(
        weightOIHW, bias: bias?.pointer, columns: outputs, inputs: inputs, taps: kernel * kernel, kernels,
        pool: pool)
      if kernel == 3, stride == 1, dilation == 1, WinogradConvolution.canTake(inputs: inputs, outputs: outputs) {
        let winograd = WinogradConvolution(weights, bias: bias?.pointer, inputs: inputs, outputs: outputs)
        return .winograd(winograd, gathering: weights)
      }
      return kernel == 1 && stride == 1 && padding == 0 ? .pointwise(weights) : .gathering(weights)
    }
    self.inputs = inputs
    self.outputs = outputs
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
  }

  /// The size of the result for an input of the given size; 0 along an axis where the kernel does not fit.
  package func outputSize(height: Int, width: Int) -> (height: Int, width: Int) {
    (outputLength(height), outputLength(width))
  }

  private func outputLength(_ length: Int) -> Int {
    let reach = length + 2 * padding - dilation * (kernel - 1)
    return reach < 1 ? 0 : (reach - 1) / stride + 1
  }

  /// y = activation(convolution of x + bias + residual).
  ///
  /// x (height, width, inputs); y and residual (`outputSize`, outputs). The residual may be y; x must not overlap y.
  package func callAsFunction(
    _ x: FeatureMap, into y: FeatureMap, activation: Activation = .none, residual: FeatureMap? = nil,
    _ execution: Execution
  ) {
    assert(x.channels == inputs && y.channels == outputs)
    assert((y.height, y.width) == outputSize(height: x.height, width: x.width))
    let probed = execution.begin(LayerInput(x, self, into: y), of: name)
    switch method {
    case .pointwise(let weights):
      multiply(
        x.tokens, by: weights, into: y.tokens, residual: residual?.tokens, activation: activation,
        pool: execution.pool)
    case .winograd(let winograd, _) where WinogradConvolution.pays(height: y.height, width: y.width):
      winograd(x, into: y, padding: padding, residual: residual, activation: activation, execution)
    case .gathering(let weights), .winograd(_, let weights):
      convolveByGathering(x, weights, into: y, residual: residual, activation: activation, execution)
    }
    execution.end(probed, of: name, writing: y.tokens)
  }

  /// As above, into a new tensor.
  package func callAsFunction(
    _ x: FeatureMap, activation: Activation = .none, residual: FeatureMap? = nil, _ execution: Execution
  ) -> Tensor {
    let size = outputSize(height: x.height, width: x.width)
    let y = execution.arena.tensor(height: size.height, width: size.width, channels: outputs)
    self(x, into: y.map, activation: activation, residual: residual, execution)
    return y
  }

  private func convolveByGathering(
    _ x: FeatureMap, _ weights: PackedWeights, into y: FeatureMap, residual: FeatureMap?, activation: Activation,
    _ execution: Execution
  ) {
    let result = y.tokens
    let grid = PanelGrid(rows: result.rows, weights, threads: execution.pool.threads, splitsPanels: false)
    let gather = PixelGather(
      x, outputWidth: y.width, kernel: kernel, stride: stride, padding: padding, dilation: dilation)
    let scratch = execution.scratch(perThread: grid.tallest * gather.depth)
    let buffers = scratch.matrix
    execution.pool.forEach(grid.count) { index, thread in
      let (rows, panels) = grid.task(index)
      let pixels = Matrix(buffers.row(thread), rows: rows.count, columns: gather.depth)
      gather(rows, into: pixels)
      weights.panels.multiply(
        pixels, panels: panels, into: result.rows(rows), residual: residual?.tokens.rows(rows),
        activation: activation)
    }
  }
}

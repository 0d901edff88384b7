package import TensorCore

/// A 2-D convolution with a square kernel over an NHWC feature map, as PyTorch's `nn.Conv2d` with one group.
///
/// Output size along each axis: (input + 2 · padding − dilation · (kernel − 1) − 1) / stride + 1, rounded down. A 1 × 1
/// kernel of stride 1 is one matrix product; the others gather the pixels under the kernel for one tile of output
/// pixels at a time, some kernel rows at a time, so that what is gathered stays in cache.
package struct Convolution: Sendable {
  package let inputs: Int
  package let outputs: Int
  package let kernel: Int
  package let stride: Int
  package let padding: Int
  package let dilation: Int
  /// (outputs, kernel row, kernel column, inputs).
  private let weight: Constant<Float>
  private let bias: Constant<Float>?

  /// A layer of the given weight (outputs, inputs, kernel row, kernel column), PyTorch's order, which is copied into our
  /// own, and bias (outputs), nil for none.
  package init(
    weightOIHW: UnsafeBufferPointer<Float>, bias: Constant<Float>?, inputs: Int, outputs: Int, kernel: Int,
    stride: Int = 1, padding: Int = 0, dilation: Int = 1
  ) {
    precondition(inputs > 0 && outputs > 0 && kernel > 0 && stride > 0 && padding >= 0 && dilation > 0)
    precondition(weightOIHW.count == outputs * inputs * kernel * kernel && bias?.count ?? outputs == outputs)
    let taps = kernel * kernel
    weight = Constant(count: weightOIHW.count) { packed in
      for output in 0..<outputs {
        for input in 0..<inputs {
          for tap in 0..<taps {
            packed[(output * taps + tap) * inputs + input] = weightOIHW[(output * inputs + input) * taps + tap]
          }
        }
      }
    }
    self.bias = bias
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
    let finish = TileFinish(bias: bias?.pointer, residual: residual?.tokens, activation: activation)
    if kernel == 1, stride == 1, padding == 0 {
      let weight = Matrix(weight, rows: outputs, columns: inputs)
      multiplyTransposed(x.tokens, weight, into: y.tokens, finish, pool: execution.pool)
    } else {
      convolveByGathering(x, into: y, finish, execution)
    }
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
    _ x: FeatureMap, into y: FeatureMap, _ finish: TileFinish, _ execution: Execution
  ) {
    let result = y.tokens
    let grid = TileGrid(rows: result.rows, columns: outputs, threads: execution.pool.threads)
    let weight = Matrix(weight, rows: outputs, columns: kernel * kernel * inputs)
    let gather = PixelGather(
      x, outputWidth: y.width, kernel: kernel, stride: stride, padding: padding, dilation: dilation)
    let kernelRows = gather.kernelRowsAtOnce
    let scratch = execution.scratch(perThread: grid.tallest * kernelRows * gather.rowDepth)
    let buffers = scratch.matrix
    execution.pool.forEach(grid.count) { index, thread in
      let (rows, columns) = grid.tile(index)
      let tile = result.rows(rows).columns(columns)
      finish.prepare(tile, rows: rows, columns: columns)
      for first in Swift.stride(from: 0, to: kernel, by: kernelRows) {
        let taps = first..<min(first + kernelRows, kernel)
        let depth = taps.count * gather.rowDepth
        let pixels = Matrix(buffers.row(thread), rows: rows.count, columns: depth)
        gather(rows, kernelRows: taps, into: pixels)
        SingleThreadedBLAS.multiply(
          pixels, weight.rows(columns).columns(first * gather.rowDepth..<first * gather.rowDepth + depth),
          transposeB: true, into: tile, accumulate: finish.isPrepared || first > 0)
      }
      finish.finish(tile)
    }
  }
}

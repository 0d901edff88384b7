package import TensorCore
import TensorKernelBodies

/// Max pooling with a square window, as PyTorch's `max_pool2d`: outside the image there is nothing.
///
/// x (height, width, channels) → ((height + 2 · padding − kernel) / stride + 1, likewise, channels), rounded down.
/// - Precondition: padding ≤ kernel / 2, so that every window sees a pixel.
package func maxPool(_ x: FeatureMap<Float>, kernel: Int, stride: Int, padding: Int, _ context: ExecutionContext)
  -> Tensor<Float>
{
  precondition(kernel > 0 && stride > 0 && padding >= 0 && padding * 2 <= kernel)
  let height = max((x.height + 2 * padding - kernel + stride) / stride, 0)
  let width = max((x.width + 2 * padding - kernel + stride) / stride, 0)
  let result = context.arena.tensor(height: height, width: width, channels: x.channels)
  let y = result.map
  let pooling = MaxPoolRow(x.source, kernel: kernel, stride: stride, padding: padding)
  let kernels = context.instructions.kernels
  context.pool.forEachRange(height, grain: 1, sharing: (kernels, pooling, y)) { rows, _, shared in
    let (kernels, pooling, y) = shared
    for row in rows { kernels.maxPoolRow(pooling, row, y.width, y.pixel(row, 0)) }
  }
  return result
}

/// The same on quantized values, whose order is that of the real numbers.
package func maxPool(_ x: FeatureMap<UInt8>, kernel: Int, stride: Int, padding: Int, _ context: ExecutionContext)
  -> Tensor<UInt8>
{
  precondition(kernel > 0 && stride > 0 && padding >= 0 && padding * 2 <= kernel)
  let height = max((x.height + 2 * padding - kernel + stride) / stride, 0)
  let width = max((x.width + 2 * padding - kernel + stride) / stride, 0)
  let result = context.arena.tensor(height: height, width: width, channels: x.channels, x.quantization)
  let y = result.map
  context.pool.forEachRange(height, grain: 1, sharing: (x, y, kernel, stride, padding)) { rows, _, shared in
    let (x, y, kernel, stride, padding) = shared
    for row in rows {
      let top = row * stride - padding
      for column in 0..<y.width {
        let left = column * stride - padding
        maximumOfWindow(
          x, rows: max(top, 0)..<min(top + kernel, x.height), columns: max(left, 0)..<min(left + kernel, x.width),
          into: y.pixel(row, column))
      }
    }
  }
  return result
}

private func maximumOfWindow(
  _ x: FeatureMap<UInt8>, rows: Range<Int>, columns: Range<Int>, into target: UnsafeMutablePointer<UInt8>
) {
  target.update(from: x.pixel(rows.lowerBound, columns.lowerBound), count: x.channels)
  for row in rows {
    for column in columns {
      let source = UnsafePointer(x.pixel(row, column))
      for channel in 0..<x.channels { target[channel] = max(target[channel], source[channel]) }
    }
  }
}

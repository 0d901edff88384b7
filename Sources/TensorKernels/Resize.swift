package import TensorCore
import TensorKernelBodies

/// Bilinear resize, as PyTorch's `interpolate(mode: bilinear, align_corners: false)` to a given size: pixel centres at
/// half-integers, no antialiasing, the border repeated.
///
/// x (height, width, channels); y of any size with the same channels, overwritten, or added to with `accumulate`.
package func bilinearResize(
  _ x: FeatureMap<Float>, into y: FeatureMap<Float>, accumulate: Bool = false, _ context: ExecutionContext
) {
  assert(x.channels == y.channels)
  guard x.count > 0 else { return }
  let resize = BilinearRow(
    x.source, rows: LinearInterpolationWeights(from: x.height, to: y.height),
    columns: LinearInterpolationWeights(from: x.width, to: y.width),
    accumulates: accumulate)
  let kernels = context.instructions.kernels
  context.pool.forEachRange(y.height, grain: 1, sharing: (kernels, resize, y)) { rows, _, shared in
    let (kernels, resize, y) = shared
    for row in rows { kernels.bilinearRow(resize, row, y.width, y.pixel(row, 0)) }
  }
}

/// Nearest-neighbour resize, as PyTorch's `interpolate(mode: nearest)` to a given size.
///
/// x (height, width, channels); y of any size with the same channels, overwritten, or added to with `accumulate`.
package func nearestResize(
  _ x: FeatureMap<Float>, into y: FeatureMap<Float>, accumulate: Bool = false, _ context: ExecutionContext
) {
  assert(x.channels == y.channels)
  guard x.count > 0 else { return }
  let rowScale = Float(x.height) / Float(max(y.height, 1))
  let columnScale = Float(x.width) / Float(max(y.width, 1))
  context.pool.forEachRange(y.height, grain: 1, sharing: (x, y, rowScale, columnScale, accumulate)) { rows, _, shared in
    let (x, y, rowScale, columnScale, accumulate) = shared
    for row in rows {
      let sourceRow = min(Int(Float(row) * rowScale), x.height - 1)
      for column in 0..<y.width {
        let source = UnsafePointer(x.pixel(sourceRow, min(Int(Float(column) * columnScale), x.width - 1)))
        let target = y.pixel(row, column)
        if accumulate {
          addRow(target, source, into: target, count: x.channels)
        } else {
          target.update(from: source, count: x.channels)
        }
      }
    }
  }
}

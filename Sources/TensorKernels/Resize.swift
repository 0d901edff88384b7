package import TensorCore
import TensorKernelBodies

/// Bilinear resize, as PyTorch's `interpolate(mode: bilinear, align_corners: false)` to a given size: pixel centres at
/// half-integers, no antialiasing, the border repeated.
///
/// x (height, width, channels); y of any size with the same channels, overwritten, or added to with `accumulate`.
package func bilinearResize(
  _ x: FeatureMap, into y: FeatureMap, accumulate: Bool = false, _ execution: Execution
) {
  assert(x.channels == y.channels)
  guard x.count > 0 else { return }
  let rowTaps = LinearTaps(from: x.height, to: y.height)
  let columnTaps = LinearTaps(from: x.width, to: y.width)
  execution.pool.forEachRange(y.height, grain: 1) { rows, _ in
    for row in rows {
      let vertical = rowTaps[row]
      for column in 0..<y.width {
        let horizontal = columnTaps[column]
        blend(
          (x.pixel(vertical.first, horizontal.first), x.pixel(vertical.first, horizontal.second)),
          (x.pixel(vertical.second, horizontal.first), x.pixel(vertical.second, horizontal.second)),
          horizontal.weight, vertical.weight, into: y.pixel(row, column), count: x.channels, accumulate)
      }
    }
  }
}

/// Nearest-neighbour resize, as PyTorch's `interpolate(mode: nearest)` to a given size.
///
/// x (height, width, channels); y of any size with the same channels, overwritten, or added to with `accumulate`.
package func nearestResize(
  _ x: FeatureMap, into y: FeatureMap, accumulate: Bool = false, _ execution: Execution
) {
  assert(x.channels == y.channels)
  guard x.count > 0 else { return }
  let rowScale = Float(x.height) / Float(max(y.height, 1))
  let columnScale = Float(x.width) / Float(max(y.width, 1))
  execution.pool.forEachRange(y.height, grain: 1) { rows, _ in
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

/// Where along one axis of the source a resized pixel lies: between two pixels, at `weight` towards the second.
private struct LinearTaps {
  private let length: Int
  private let scale: Float

  init(from length: Int, to target: Int) {
    self.length = length
    scale = Float(length) / Float(max(target, 1))
  }

  subscript(index: Int) -> (first: Int, second: Int, weight: Float) {
    let position = max((Float(index) + 0.5) * scale - 0.5, 0)
    let first = min(Int(position), length - 1)
    return (first, min(first + 1, length - 1), position - Float(first))
  }
}

private typealias PixelPair = (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)

@inline(__always)
private func blend(
  _ top: PixelPair, _ bottom: PixelPair, _ horizontal: Float, _ vertical: Float,
  into target: UnsafeMutablePointer<Float>, count: Int, _ accumulate: Bool
) {
  var index = 0
  while index + 8 <= count {
    let upper = top.0.load8(index) * (1 - horizontal) + top.1.load8(index) * horizontal
    let lower = bottom.0.load8(index) * (1 - horizontal) + bottom.1.load8(index) * horizontal
    let value = upper * (1 - vertical) + lower * vertical
    target.store(accumulate ? target.load8(index) + value : value, index)
    index += 8
  }
  while index < count {
    let upper = top.0[index] * (1 - horizontal) + top.1[index] * horizontal
    let lower = bottom.0[index] * (1 - horizontal) + bottom.1[index] * horizontal
    let value = upper * (1 - vertical) + lower * vertical
    target[index] = accumulate ? target[index] + value : value
    index += 1
  }
}

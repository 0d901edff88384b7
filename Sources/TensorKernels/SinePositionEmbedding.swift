import Glibc
package import TensorCore

/// Mask2Former's sine position embedding (its `PositionEmbeddingSine`, normalized, without a mask; after DETR,
/// arXiv 2005.12872).
///
/// y (height · width, channels): the first half of the channels tells the row, the second half the column, each by sines
/// and cosines in turn, at wavelengths from 2π to 10000 · 2π; positions 1...length are brought to 0...2π.
/// - Precondition: the number of channels is even.
package func sinePositionEmbedding(height: Int, width: Int, into y: Matrix) {
  precondition(y.columns % 2 == 0)
  assert(y.rows == height * width)
  let half = y.columns / 2
  for row in 0..<height { embed(row, of: height, into: y.row(row * width), count: half) }
  for column in 0..<width where height > 0 { embed(column, of: width, into: y.row(column) + half, count: half) }
  for row in 0..<height {
    for column in 0..<width {
      let target = y.row(row * width + column)
      if column > 0 { target.update(from: y.row(row * width), count: half) }
      if row > 0 { (target + half).update(from: y.row(column) + half, count: half) }
    }
  }
}

/// The embedding of one position along an axis, in single precision at every step, as the reference computes it.
private func embed(_ index: Int, of length: Int, into target: UnsafeMutablePointer<Float>, count: Int) {
  let position = Float(index + 1) / (Float(length) + 1e-6) * (2 * .pi)
  for channel in 0..<count {
    let angle = position / powf(10_000, Float(2 * (channel / 2)) / Float(count))
    target[channel] = channel % 2 == 0 ? sinf(angle) : cosf(angle)
  }
}

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
  if width > 0 {
    embed(Matrix(y.base, rows: height, columns: half, rowStride: width * y.rowStride))
  }
  if height > 0 { embed(y.rows(0..<width).columns(half..<y.columns)) }
  for row in 0..<height {
    for column in 0..<width {
      let target = y.row(row * width + column)
      if column > 0 { target.update(from: y.row(row * width), count: half) }
      if row > 0 { (target + half).update(from: y.row(column) + half, count: half) }
    }
  }
}

/// The embedding of the positions along an axis, a row each; angles in single precision at every step, as the reference
/// computes them.
private func embed(_ positions: Matrix) {
  for channel in stride(from: 0, to: positions.columns, by: 2) {
    let wavelength = Float(power10000(Float(channel) / Float(positions.columns)))
    for index in 0..<positions.rows {
      let position = Float(index + 1) / (Float(positions.rows) + 1e-6) * (2 * .pi)
      let (sine, cosine) = sineAndCosine(Double(position / wavelength))
      positions.row(index)[channel] = Float(sine)
      if channel + 1 < positions.columns { positions.row(index)[channel + 1] = Float(cosine) }
    }
  }
}

// The system's functions differ in the last bit from processor to processor, as they fuse where they can. These do not;
// rounded to single precision they are exact but for a few ties.

/// 10000^exponent for exponents in 0...1, within 1e-14 of itself: e^y = (e^(y / 2^5))^(2^5), by its power series.
private func power10000(_ exponent: Float) -> Double {
  let y = Double(exponent) * 9.210_340_371_976_184 / 32
  var sum = 1.0
  for divisor in stride(from: 14.0, to: 0, by: -1) { sum = 1 + sum * y / divisor }
  for _ in 0..<5 { sum *= sum }
  return sum
}

/// Within 1e-14, for angles in 0...7: power series after reduction to -π/4...π/4.
private func sineAndCosine(_ angle: Double) -> (sine: Double, cosine: Double) {
  let quarters = (angle * (2 / .pi)).rounded(.toNearestOrEven)
  let rest = angle - quarters * (.pi / 2)
  let square = rest * rest
  var (sine, cosine) = (1.0, 1.0)
  for step in stride(from: 14.0, to: 0, by: -2) {
    sine = 1 - sine * square / (step * (step + 1))
    cosine = 1 - cosine * square / (step * (step - 1))
  }
  sine *= rest
  switch Int(quarters) & 3 {
  case 0: return (sine, cosine)
  case 1: return (cosine, -sine)
  case 2: return (-sine, -cosine)
  default: return (-cosine, sine)
  }
}

/// A square of 8 × 8 pixels of one picture, which is looked for in another by inverse search: Gauss-Newton steps with the
/// first picture's gradients, which are the same in all steps (Kroeger et al., arXiv 1603.03590, section 2.2). Means are
/// taken away, so that a change of the light does not count.
package struct Patch {
  typealias Row = SIMD8<Float>
  package static let edge = 8
  private static let area: Float = 64
  /// Added to the squares of the gradients, so that a patch without texture stays where it is.
  private static let damping: Float = 16

  private let pixels: (Row, Row, Row, Row, Row, Row, Row, Row)
  private let slopesX: (Row, Row, Row, Row, Row, Row, Row, Row)
  private let slopesY: (Row, Row, Row, Row, Row, Row, Row, Row)
  private let sumX: Float
  private let sumY: Float
  /// Inverse of the matrix of the gradients' products: xx, xy, yy.
  private let inverse: (xx: Float, xy: Float, yy: Float)

  /// The patch of a picture whose first pixel is at a pointer.
  ///
  /// - Parameters:
  ///   - base: The pixel; rows are `stride` values apart, and there is a row above and a column beside the patch on all
  ///     sides.
  package init(_ base: UnsafePointer<Float>, stride: Int) {
    func rows(_ row: (UnsafePointer<Float>) -> Row) -> (Row, Row, Row, Row, Row, Row, Row, Row) {
      (
        row(base), row(base + stride), row(base + 2 * stride), row(base + 3 * stride), row(base + 4 * stride),
        row(base + 5 * stride), row(base + 6 * stride), row(base + 7 * stride)
      )
    }
    pixels = rows { load($0) }
    slopesX = rows { (load($0 + 1) - load($0 - 1)) * 0.5 }
    slopesY = rows { (load($0 + stride) - load($0 - stride)) * 0.5 }
    var (sumX, sumY) = (Row(), Row())
    var (xx, xy, yy) = (Row(), Row(), Row())
    withRows(slopesX, slopesY) { x, y in
      sumX += x
      sumY += y
      xx += x * x
      xy += x * y
      yy += y * y
    }
    (self.sumX, self.sumY) = (sumX.total, sumY.total)
    let a = xx.total - self.sumX * self.sumX / Self.area + Self.damping
    let b = xy.total - self.sumX * self.sumY / Self.area
    let d = yy.total - self.sumY * self.sumY / Self.area + Self.damping
    let determinant = max(a * d - b * b, .leastNormalMagnitude)
    inverse = (d / determinant, -b / determinant, a / determinant)
  }

  /// How well a place of the other picture fits, and the way to a better one.
  package struct Fit {
    /// Sum of the squares of the differences, less their mean.
    package var cost: Float
    /// To be added to the displacement.
    package var step: SIMD2<Float>
  }

  /// - Parameters:
  ///   - base: The pixel of the other picture at the place's whole coordinates.
  ///   - share: What remains of the coordinates, each 0 to 1.
  package func fit(_ base: UnsafePointer<Float>, stride: Int, share: SIMD2<Float>) -> Fit {
    var (sum, squares, x, y) = (Row(), Row(), Row(), Row())
    var place = base
    var above = Self.mixed(place, share.x)
    withRows(pixels, slopesX, slopesY) { pixels, slopeX, slopeY in
      place += stride
      let below = Self.mixed(place, share.x)
      let difference = above + (below - above) * share.y - pixels
      above = below
      sum += difference
      squares += difference * difference
      x += difference * slopeX
      y += difference * slopeY
    }
    let total = sum.total
    let mean = total / Self.area
    let (slopeX, slopeY) = (x.total - mean * sumX, y.total - mean * sumY)
    return Fit(
      cost: squares.total - mean * total,
      step: SIMD2(
        -(inverse.xx * slopeX + inverse.xy * slopeY), -(inverse.xy * slopeX + inverse.yy * slopeY)))
  }

  /// Calls `body` with the absolute differences, less their mean, of each row of the patch.
  func forEachDifference(
    _ base: UnsafePointer<Float>, stride: Int, share: SIMD2<Float>, _ body: (_ row: Int, _ difference: Row) -> Void
  ) {
    func difference(_ row: Int, _ pixels: Row) -> Row {
      let place = base + row * stride
      let (above, below) = (Self.mixed(place, share.x), Self.mixed(place + stride, share.x))
      return above + (below - above) * share.y - pixels
    }
    var (row, sum) = (0, Row())
    withRows(pixels) { pixels in
      sum += difference(row, pixels)
      row += 1
    }
    let mean = sum.total / Self.area
    row = 0
    withRows(pixels) { pixels in
      let value = difference(row, pixels) - mean
      body(row, value.replacing(with: -value, where: value .< 0))
      row += 1
    }
  }

  @inline(__always)
  private static func mixed(_ place: UnsafePointer<Float>, _ share: Float) -> Row {
    let left = load(place)
    return left + (load(place + 1) - left) * share
  }
}

extension SIMD8<Float> {
  /// The sum of the elements, in one order on all processors.
  fileprivate var total: Float {
    let four = lowHalf + highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }
}

@inline(__always)
private func load(_ place: UnsafePointer<Float>) -> SIMD8<Float> {
  UnsafeRawPointer(place).loadUnaligned(as: SIMD8<Float>.self)
}

private typealias Rows = (
  Patch.Row, Patch.Row, Patch.Row, Patch.Row, Patch.Row, Patch.Row, Patch.Row, Patch.Row
)

@inline(__always)
private func withRows(_ a: Rows, _ body: (Patch.Row) -> Void) {
  body(a.0)
  body(a.1)
  body(a.2)
  body(a.3)
  body(a.4)
  body(a.5)
  body(a.6)
  body(a.7)
}

@inline(__always)
private func withRows(_ a: Rows, _ b: Rows, _ body: (Patch.Row, Patch.Row) -> Void) {
  body(a.0, b.0)
  body(a.1, b.1)
  body(a.2, b.2)
  body(a.3, b.3)
  body(a.4, b.4)
  body(a.5, b.5)
  body(a.6, b.6)
  body(a.7, b.7)
}

@inline(__always)
private func withRows(_ a: Rows, _ b: Rows, _ c: Rows, _ body: (Patch.Row, Patch.Row, Patch.Row) -> Void) {
  body(a.0, b.0, c.0)
  body(a.1, b.1, c.1)
  body(a.2, b.2, c.2)
  body(a.3, b.3, c.3)
  body(a.4, b.4, c.4)
  body(a.5, b.5, c.5)
  body(a.6, b.6, c.6)
  body(a.7, b.7, c.7)
}

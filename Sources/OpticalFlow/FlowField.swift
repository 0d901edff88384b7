/// Where the pixels of one picture are in another: a displacement for each.
package struct FlowField: Sendable, Hashable {
  /// Pixels in a row.
  package let width: Int
  /// Rows.
  package let height: Int
  /// Displacement of each pixel in pixels, axes (height, width): what is at p in the first picture is at p + vector in the
  /// second.
  package var vectors: [SIMD2<Float>]

  /// - Precondition: A vector for each pixel.
  package init(width: Int, height: Int, vectors: [SIMD2<Float>]) {
    precondition(vectors.count == width * height, "a vector a pixel")
    (self.width, self.height, self.vectors) = (width, height, vectors)
  }

  /// A field without motion.
  package init(width: Int, height: Int) {
    self.init(width: width, height: height, vectors: Array(repeating: SIMD2(), count: width * height))
  }

  /// The displacement at a point, bilinear between the middles of pixels; beyond the edges, that at the nearest one.
  ///
  /// - Parameter point: In pixels, (0, 0) the middle of the first.
  package func vector(at point: SIMD2<Float>) -> SIMD2<Float> {
    let place = BilinearPlace(point, width: width, height: height)
    return vectors.withUnsafeBufferPointer { place.value($0) }
  }

  /// The field from the first picture to a third, when `next` leads there from the second.
  package func followed(by next: FlowField) -> FlowField {
    var result = self
    for y in 0..<height {
      for x in 0..<width {
        let vector = vectors[y * width + x]
        result.vectors[y * width + x] = vector + next.vector(at: SIMD2(Float(x), Float(y)) + vector)
      }
    }
    return result
  }

  /// How far to believe each vector, given the field in the other direction: 1 where the way there and back ends where it
  /// began, falling to 0 where it does not (Sundaram, Brox and Keutzer, ECCV 2010), and 0 where it leaves the picture.
  ///
  /// - Returns: Axes (height, width).
  package func consistency(with backward: FlowField) -> [Float] {
    var result = [Float](repeating: 0, count: width * height)
    for y in 0..<height {
      for x in 0..<width {
        let there = vectors[y * width + x]
        let end = SIMD2(Float(x), Float(y)) + there
        guard end.x >= -0.5, end.y >= -0.5, end.x < Float(width) - 0.5, end.y < Float(height) - 0.5 else { continue }
        let back = backward.vector(at: end)
        let allowed = 0.01 * (there.squaredLength + back.squaredLength) + 0.5
        result[y * width + x] = max(0, 1 - (there + back).squaredLength / allowed)
      }
    }
    return result
  }
}

extension SIMD2<Float> {
  /// The square of the length.
  var squaredLength: Float { x * x + y * y }
}

/// A point between four pixels, and the shares that they have in it.
struct BilinearPlace {
  let upperLeft: Int
  let upperRight: Int
  let lowerLeft: Int
  let lowerRight: Int
  let share: SIMD2<Float>

  /// - Parameter point: In pixels; points beyond the edges count as the nearest on them, and those that are none as 0.
  init(_ point: SIMD2<Float>, width: Int, height: Int) {
    // The order of the comparisons takes NaN to 0.
    let x = min(max(0, point.x), Float(width - 1))
    let y = min(max(0, point.y), Float(height - 1))
    let (left, top) = (Int(x), Int(y))
    let (right, bottom) = (min(left + 1, width - 1), min(top + 1, height - 1))
    share = SIMD2(x - Float(left), y - Float(top))
    upperLeft = top * width + left
    upperRight = top * width + right
    lowerLeft = bottom * width + left
    lowerRight = bottom * width + right
  }

  func value(_ values: UnsafeBufferPointer<Float>) -> Float {
    let upper = values[upperLeft] + (values[upperRight] - values[upperLeft]) * share.x
    let lower = values[lowerLeft] + (values[lowerRight] - values[lowerLeft]) * share.x
    return upper + (lower - upper) * share.y
  }

  func value(_ values: UnsafeBufferPointer<SIMD2<Float>>) -> SIMD2<Float> {
    let upper = values[upperLeft] + (values[upperRight] - values[upperLeft]) * share.x
    let lower = values[lowerLeft] + (values[lowerRight] - values[lowerLeft]) * share.x
    return upper + (lower - upper) * share.y
  }
}

/// Places of one grid in another, from which values are brought over: the warp of a plane.
package struct Warp: Sendable {
  /// Cells in a row of the grid that values are taken from, and its rows.
  private let width: Int
  private let height: Int
  private let points: [SIMD2<Float>]

  /// - Parameters:
  ///   - points: A place for each value to be made, in cells, (0, 0) the middle of the first; places beyond the edges
  ///     count as the nearest on them.
  ///   - width: Cells in a row of the grid that values are taken from.
  ///   - height: Its rows.
  package init(points: [SIMD2<Float>], width: Int, height: Int) {
    precondition(width > 0 && height > 0, "a grid has cells")
    (self.points, self.width, self.height) = (points, width, height)
  }

  /// The warp that brings the second picture of a field onto the first.
  package init(_ field: FlowField) {
    var points = field.vectors
    for y in 0..<field.height {
      for x in 0..<field.width { points[y * field.width + x] += SIMD2(Float(x), Float(y)) }
    }
    self.init(points: points, width: field.width, height: field.height)
  }

  /// The values at the places, bilinear between the middles of cells.
  ///
  /// - Parameters:
  ///   - values: Axes (height, width).
  ///   - target: As many values as there are places.
  package func callAsFunction(_ values: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<Float>) {
    precondition(values.count == width * height && target.count == points.count, "grids of these sizes")
    for (index, point) in points.enumerated() {
      target[index] = BilinearPlace(point, width: width, height: height).value(values)
    }
  }

  /// The values at the places, bilinear between the middles of cells.
  package func callAsFunction(_ values: [Float]) -> [Float] {
    [Float](unsafeUninitializedCapacity: points.count) { target, count in
      values.withUnsafeBufferPointer { self($0, into: UnsafeMutableBufferPointer(rebasing: target[..<points.count])) }
      count = points.count
    }
  }
}

extension Warp {
  /// A plane that is read at single places.
  package struct Plane: Sendable {
    private let values: [Float]
    private let width: Int
    private let height: Int

    /// - Precondition: A value for each pixel.
    package init(_ values: [Float], width: Int, height: Int) {
      precondition(values.count == width * height, "a value a pixel")
      (self.values, self.width, self.height) = (values, width, height)
    }

    /// The value at a place in pixels, bilinear, beyond the edges that at the nearest one.
    package func value(at point: SIMD2<Float>) -> Float {
      values.withUnsafeBufferPointer { BilinearPlace(point, width: width, height: height).value($0) }
    }
  }
}

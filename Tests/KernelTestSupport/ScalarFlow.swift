extension Scalar {
  /// Bilinear value of a plane at a point, the border repeated; (0, 0) is the middle of the first pixel.
  package static func bilinearValue(
    _ values: [Float], width: Int, height: Int, x: Double, y: Double
  ) -> Double {
    let (x, y) = (min(max(x, 0), Double(width - 1)), min(max(y, 0), Double(height - 1)))
    var sum = 0.0
    for row in 0..<height {
      let vertical = max(0, 1 - abs(Double(row) - y))
      guard vertical > 0 else { continue }
      for column in 0..<width {
        let horizontal = max(0, 1 - abs(Double(column) - x))
        if horizontal > 0 { sum += vertical * horizontal * Double(values[row * width + column]) }
      }
    }
    return sum
  }

  /// One step of inverse search: how well a patch of `from` at (x, y) fits `to` at (x, y) + displacement, means taken away,
  /// and the Gauss-Newton step by the central differences of `from`.
  package static func patchFit(
    from: [Float], to: [Float], width: Int, height: Int, x: Int, y: Int, edge: Int, displacement: SIMD2<Double>,
    damping: Double
  ) -> (cost: Double, step: SIMD2<Double>) {
    func first(_ x: Int, _ y: Int) -> Double {
      Double(from[min(max(y, 0), height - 1) * width + min(max(x, 0), width - 1)])
    }
    var (differences, slopesX, slopesY): ([Double], [Double], [Double]) = ([], [], [])
    for row in y..<y + edge {
      for column in x..<x + edge {
        let other = bilinearValue(
          to, width: width, height: height, x: Double(column) + displacement.x, y: Double(row) + displacement.y)
        differences.append(other - first(column, row))
        slopesX.append((first(column + 1, row) - first(column - 1, row)) / 2)
        slopesY.append((first(column, row + 1) - first(column, row - 1)) / 2)
      }
    }
    func centered(_ values: [Double]) -> [Double] {
      let mean = values.reduce(0, +) / Double(values.count)
      return values.map { $0 - mean }
    }
    func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let (d, gx, gy) = (centered(differences), centered(slopesX), centered(slopesY))
    let (a, b, c) = (product(gx, gx) + damping, product(gx, gy), product(gy, gy) + damping)
    let (p, q) = (product(gx, d), product(gy, d))
    let determinant = a * c - b * b
    return (product(d, d), SIMD2(-(c * p - b * q) / determinant, -(a * q - b * p) / determinant))
  }
}

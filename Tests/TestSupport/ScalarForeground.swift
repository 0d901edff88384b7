extension Scalar {
  /// Blurred foreground estimation in two passes, windows of 11 × 11 and of 7 × 7 pixels, pixel by pixel in double
  /// precision.
  ///
  /// - Parameters:
  ///   - photo: 0 to 1, axes (height, width, 3).
  ///   - alpha: 0 to 1, axes (height, width).
  /// - Returns: F, 0 to 1, axes (height, width, 3).
  package static func foreground(_ photo: [Float], alpha: [Float], height: Int, width: Int) -> [Float] {
    let color = (0..<height * width).map { pixel in (0..<3).map { Double(photo[3 * pixel + $0]) } }
    let alpha = alpha.map(Double.init)
    func pass(_ foreground: [[Double]], _ background: [[Double]], radius: Int) -> ([[Double]], [[Double]]) {
      var (result, blurred): ([[Double]], [[Double]]) = ([], [])
      for pixel in color.indices {
        let window = (max(pixel / width - radius, 0)...min(pixel / width + radius, height - 1)).flatMap { y in
          (max(pixel % width - radius, 0)...min(pixel % width + radius, width - 1)).map { y * width + $0 }
        }
        let a = alpha[pixel]
        let covered = max(window.reduce(0) { $0 + alpha[$1] }, 1e-9)
        let open = max(window.reduce(0) { $0 + 1 - alpha[$1] }, 1e-9)
        let f = (0..<3).map { c in window.reduce(0) { $0 + foreground[$1][c] * alpha[$1] } / covered }
        let b = (0..<3).map { c in window.reduce(0) { $0 + background[$1][c] * (1 - alpha[$1]) } / open }
        blurred.append(b)
        result.append((0..<3).map { c in min(max(f[c] + a * (color[pixel][c] - a * f[c] - (1 - a) * b[c]), 0), 1) })
      }
      return (result, blurred)
    }
    let first = pass(color, color, radius: 5)
    return pass(first.0, first.1, radius: 3).0.flatMap { $0.map(Float.init) }
  }
}

extension Scalar {
  /// How much of each pixel lies inside of the edge where the probability is a half: ½ + (p − ½) / |∇p|, 0 to 1, with
  /// central differences and the border repeated. Axes (height, width).
  package static func edgeCoverage(_ p: [Float], height: Int, width: Int) -> [Double] {
    (0..<height * width).map { pixel in
      func value(_ dy: Int, _ dx: Int) -> Double {
        let (y, x) = (min(max(pixel / width + dy, 0), height - 1), min(max(pixel % width + dx, 0), width - 1))
        return Double(p[y * width + x])
      }
      let (dx, dy) = ((value(0, 1) - value(0, -1)) / 2, (value(1, 0) - value(-1, 0)) / 2)
      let distance = value(0, 0) - 0.5
      let slope = (dx * dx + dy * dy).squareRoot()
      if slope == 0 { return distance > 0 ? 1 : distance == 0 ? 0.5 : 0 }
      return min(max(0.5 + distance / slope, 0), 1)
    }
  }

  /// The mean of each pixel of 0s and 1s and its neighbours, 1 : 2 : 1 along each axis, with the border repeated.
  package static func binomialCoverage(_ inside: [Bool], height: Int, width: Int) -> [Double] {
    (0..<height * width).map { pixel in
      var sum = 0.0
      for dy in -1...1 {
        for dx in -1...1 {
          let (y, x) = (min(max(pixel / width + dy, 0), height - 1), min(max(pixel % width + dx, 0), width - 1))
          sum += inside[y * width + x] ? Double((2 - abs(dy)) * (2 - abs(dx))) / 16 : 0
        }
      }
      return sum
    }
  }

  /// Colours painted by coverage, the one on top first; each gets what those before it have left, and the background the
  /// rest. Axes (height, width, 3), 0 to 255.
  package static func paint(
    _ layers: [(coverage: [Double], color: [Double])], on background: [Double]
  ) -> [Float] {
    (0..<(layers.first?.coverage.count ?? 0)).flatMap { pixel in
      var (rest, sum) = (1.0, [0.0, 0, 0])
      for layer in layers {
        let share = min(layer.coverage[pixel], rest)
        rest -= share
        for channel in 0..<3 { sum[channel] += layer.color[channel] * share }
      }
      return (0..<3).map { Float(sum[$0] + background[$0] * rest) }
    }
  }
}

extension Scalar {
  /// Multi-head attention: queries (Q, E), keys and values (K, E) → (Q, E), mask (Q, K) true where hidden.
  package static func attention(
    queries: [Float], keys: [Float], values: [Float], channels: Int, heads: Int, mask: [Bool]?
  ) -> [Float] {
    let (queryCount, keyCount, width) = (queries.count / channels, keys.count / channels, channels / heads)
    var output = [Float](repeating: 0, count: queries.count)
    for query in 0..<queryCount {
      let hidden = mask.map { Array($0[query * keyCount..<(query + 1) * keyCount]) }
      let seen = (0..<keyCount).filter { key in hidden.map { !$0[key] || $0.allSatisfy { $0 } } ?? true }
      for head in 0..<heads {
        let scores = seen.map { key in
          (head * width..<(head + 1) * width).reduce(Float(0)) {
            $0 + queries[query * channels + $1] * keys[key * channels + $1]
          } / Float(width).squareRoot()
        }
        let weights = softmax(scores)
        for channel in head * width..<(head + 1) * width {
          let sum = zip(seen, weights).reduce(0.0) { $0 + $1.1 * Double(values[$1.0 * channels + channel]) }
          output[query * channels + channel] = Float(sum)
        }
      }
    }
    return output
  }

  /// Multi-scale deformable attention with the pyramid's own pixels as queries; sizes as (height, width).
  package static func deformableAttention(
    value: [Float], levels: [(height: Int, width: Int)], offsets: [Float], logits: [Float], channels: Int, heads: Int,
    points: Int
  ) -> [Float] {
    let (samples, width) = (levels.count * points, channels / heads)
    var output = [Float](repeating: 0, count: value.count)
    for (query, center) in levels.flatMap(pixelCenters).enumerated() {
      for head in 0..<heads {
        let first = (query * heads + head) * samples
        let weights = softmax(logits[first..<first + samples])
        for channel in head * width..<(head + 1) * width {
          var (sum, start) = (0.0, 0)
          for (level, size) in levels.enumerated() {
            for point in level * points..<(level + 1) * points {
              let x = center.x + Double(offsets[2 * (first + point)]) / Double(size.width)
              let y = center.y + Double(offsets[2 * (first + point) + 1]) / Double(size.height)
              sum += weights[point] * sample(size, x: x, y: y) { Double(value[(start + $0) * channels + channel]) }
            }
            start += size.height * size.width
          }
          output[query * channels + channel] = Float(sum)
        }
      }
    }
    return output
  }

  private static func pixelCenters(_ size: (height: Int, width: Int)) -> [(x: Double, y: Double)] {
    (0..<size.height * size.width).map { index in
      let column = Double(index % size.width) + 0.5
      let row = Double(index / size.width) + 0.5
      return (column / Double(size.width), row / Double(size.height))
    }
  }

  /// Bilinear sample at (x, y) in 0...1, zeros outside.
  private static func sample(
    _ size: (height: Int, width: Int), x: Double, y: Double, pixel: (_ index: Int) -> Double
  ) -> Double {
    let (column, row) = (x * Double(size.width) - 0.5, y * Double(size.height) - 0.5)
    var sum = 0.0
    for (cornerRow, rowWeight) in corners(row) {
      for (cornerColumn, columnWeight) in corners(column)
      where (0..<size.height).contains(cornerRow) && (0..<size.width).contains(cornerColumn) {
        sum += rowWeight * columnWeight * pixel(cornerRow * size.width + cornerColumn)
      }
    }
    return sum
  }

  private static func corners(_ position: Double) -> [(index: Int, weight: Double)] {
    let first = position.rounded(.down)
    return [(Int(first), 1 - (position - first)), (Int(first) + 1, position - first)]
  }
}

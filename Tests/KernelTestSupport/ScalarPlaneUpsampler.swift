import Platform

extension Scalar {
  /// A plane (height, width) resized to the padded input, cropped, and resized to the picture: two steps in full.
  package static func resizedPlane(
    _ plane: [Float], height: Int, width: Int, padded: (height: Int, width: Int), rows: Range<Int>,
    columns: Range<Int>, source: (height: Int, width: Int)
  ) -> [Float] {
    let input = bilinearResize(
      plane, height: height, width: width, channels: 1, toHeight: padded.height, toWidth: padded.width)
    let crop = rows.flatMap { row in columns.map { input[row * padded.width + $0] } }
    return bilinearResize(
      crop, height: rows.count, width: columns.count, channels: 1, toHeight: source.height, toWidth: source.width)
  }

  package static func logistic(_ x: Float) -> Float { Float(1 / (1 + .exp(-Double(x)))) }

  /// How many logits are positive, and the sum of their logistic functions.
  package static func positiveLogits(_ logits: [Float], in span: Range<Int>) -> (count: Int, sum: Float) {
    let positive = logits[span].filter { $0 > 0 }
    return (positive.count, Float(positive.reduce(0.0) { $0 + Double(logistic($1)) }))
  }

  /// Where logistic(logit) · scale exceeds 0.5, adds it to `sums` and 1 to `counts`.
  package static func addLikely(
    _ logits: [Float], in span: Range<Int>, scale: Float, sums: inout [Float], counts: inout [Float]
  ) {
    for x in span where logistic(logits[x]) * scale > 0.5 {
      sums[x] += logistic(logits[x]) * scale
      counts[x] += 1
    }
  }

  /// Where a value exceeds `best`, makes it the best and `category` the winner.
  package static func chooseLarger(
    _ values: [Float], in span: Range<Int>, category: Int32, best: inout [Float], winners: inout [Int32]
  ) {
    for x in span where values[x] > best[x] { (best[x], winners[x]) = (values[x], category) }
  }
}

// What is done with rows of upsampled mask logits. Columns outside of `span` are neither read nor written.

/// How many logits are positive, and the sum of their logistic functions.
package func positiveLogits(_ logits: UnsafePointer<Float>, in span: Range<Int>) -> (count: Int, sum: Float) {
  var sums = SIMD8<Float>(repeating: 0)
  var counts = SIMD8<Int32>(repeating: 0)
  forEachVector(in: span) { x, lanes in
    let values = lanes == 8 ? logits.load8(x) : logits.loadPartial8(x, count: lanes, filler: -1)
    let isInside = values .> 0
    sums += logistic(values).replacing(with: 0, where: .!isInside)
    counts.replace(with: counts &+ 1, where: isInside)
  }
  return (Int(counts.wrappedSum()), sums.laneSum)
}

/// Where logistic(logit) · scale exceeds 0.5, adds it to `sums` and 1 to `counts`.
package func addLikely(
  _ logits: UnsafePointer<Float>, in span: Range<Int>, scale: Float, sums: UnsafeMutablePointer<Float>,
  counts: UnsafeMutablePointer<Float>
) {
  forEachVector(in: span) { x, lanes in
    let isWhole = lanes == 8
    let values = logistic(isWhole ? logits.load8(x) : logits.loadPartial8(x, count: lanes, filler: -1)) * scale
    let isLikely = values .> 0.5
    let oldSum = isWhole ? sums.load8(x) : sums.loadPartial8(x, count: lanes)
    let oldCount = isWhole ? counts.load8(x) : counts.loadPartial8(x, count: lanes)
    let sum = oldSum.replacing(with: oldSum + values, where: isLikely)
    let count = oldCount.replacing(with: oldCount + 1, where: isLikely)
    if isWhole {
      sums.store(sum, x)
      counts.store(count, x)
    } else {
      sums.storePartial(sum, x, count: lanes)
      counts.storePartial(count, x, count: lanes)
    }
  }
}

/// sums /= max(counts, 1).
package func average(_ sums: UnsafeMutablePointer<Float>, counts: UnsafePointer<Float>, in span: Range<Int>) {
  for x in span { sums[x] /= max(counts[x], 1) }
}

/// Where a value exceeds `best`, makes it the best and `category` the winner.
package func chooseLarger(
  _ values: UnsafePointer<Float>, in span: Range<Int>, category: Int32, best: UnsafeMutablePointer<Float>,
  winners: UnsafeMutablePointer<Int32>
) {
  for x in span where values[x] > best[x] {
    best[x] = values[x]
    winners[x] = category
  }
}

/// Replaces logits by their logistic functions, within 4 ulp or 1e-38.
package func logistic(_ logits: UnsafeMutablePointer<Float>, in span: Range<Int>) {
  forEachVector(in: span) { x, lanes in
    if lanes == 8 {
      logits.store(logistic(logits.load8(x)), x)
    } else {
      logits.storePartial(logistic(logits.loadPartial8(x, count: lanes)), x, count: lanes)
    }
  }
}

/// target = max(target, values).
package func takeLarger(
  _ values: UnsafePointer<Float>, in span: Range<Int>, into target: UnsafeMutablePointer<Float>
) {
  for x in span where values[x] > target[x] { target[x] = values[x] }
}

/// Sets bit x % 64 of word x / 64 for each column whose value exceeds the threshold.
package func setBits(
  _ words: UnsafeMutablePointer<UInt64>, where values: UnsafePointer<Float>, exceeds threshold: Float,
  in span: Range<Int>
) {
  var x = span.lowerBound
  while x < span.upperBound {
    let end = min((x | 63) + 1, span.upperBound)
    let word = x >> 6
    var bits: UInt64 = 0
    while x < end {
      bits |= (values[x] > threshold ? 1 : 0) << UInt64(truncatingIfNeeded: x & 63)
      x += 1
    }
    words[word] |= bits
  }
}

/// Calls `body` with the start and the number of lanes of each piece of `span`: eight, but for the last.
@inline(__always)
private func forEachVector(in span: Range<Int>, _ body: (_ x: Int, _ lanes: Int) -> Void) {
  var x = span.lowerBound
  while x + 8 <= span.upperBound {
    body(x, 8)
    x += 8
  }
  if x < span.upperBound { body(x, span.upperBound - x) }
}

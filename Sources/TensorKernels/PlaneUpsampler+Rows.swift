import TensorKernelBodies

// What is done with rows of upsampled mask logits. Columns outside of `span` are neither read nor written.

/// How many logits are positive, and the sum of their logistic functions.
package func positiveLogits(_ logits: UnsafePointer<Float>, in span: Range<Int>) -> (count: Int, sum: Float) {
  var sums = SIMD8<Float>(repeating: 0)
  var counts = SIMD8<Int32>(repeating: 0)
  @inline(__always)
  func add(_ values: SIMD8<Float>) {
    let isInside = values .> 0
    sums += logistic(values).replacing(with: 0, where: .!isInside)
    counts.replace(with: counts &+ 1, where: isInside)
  }
  let whole = wholeVectors(in: span)
  for x in stride(from: whole.lowerBound, to: whole.upperBound, by: 8) { add(logits.load8(x)) }
  let rest = span.upperBound - whole.upperBound
  if rest > 0 { add(logits.loadPartial8(whole.upperBound, count: rest, filler: -1)) }
  return (Int(counts.wrappedSum()), sums.laneSum)
}

/// Where logistic(logit) · scale exceeds 0.5, adds it to `sums` and 1 to `counts`.
package func addLikely(
  _ logits: UnsafePointer<Float>, in span: Range<Int>, scale: Float, sums: UnsafeMutablePointer<Float>,
  counts: UnsafeMutablePointer<Float>
) {
  @inline(__always)
  func add(_ logits: SIMD8<Float>, _ sum: SIMD8<Float>, _ count: SIMD8<Float>) -> (SIMD8<Float>, SIMD8<Float>) {
    let values = logistic(logits) * scale
    let isLikely = values .> 0.5
    return (
      sum.replacing(with: sum + values, where: isLikely), count.replacing(with: count + 1, where: isLikely)
    )
  }
  let whole = wholeVectors(in: span)
  for x in stride(from: whole.lowerBound, to: whole.upperBound, by: 8) {
    let (sum, count) = add(logits.load8(x), sums.load8(x), counts.load8(x))
    sums.store(sum, x)
    counts.store(count, x)
  }
  let rest = span.upperBound - whole.upperBound
  guard rest > 0 else { return }
  let x = whole.upperBound
  let (sum, count) = add(
    logits.loadPartial8(x, count: rest), sums.loadPartial8(x, count: rest), counts.loadPartial8(x, count: rest))
  sums.storePartial(sum, x, count: rest)
  counts.storePartial(count, x, count: rest)
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
  let whole = wholeVectors(in: span)
  let raw = UnsafeMutableRawPointer(winners)
  for x in stride(from: whole.lowerBound, to: whole.upperBound, by: 8) {
    let (value, former) = (values.load8(x), best.load8(x))
    let wins = value .> former
    best.store(former.replacing(with: value, where: wins), x)
    let winner = raw.loadUnaligned(fromByteOffset: 4 * x, as: SIMD8<Int32>.self)
    raw.storeBytes(
      of: winner.replacing(with: SIMD8(repeating: category), where: wins), toByteOffset: 4 * x, as: SIMD8<Int32>.self)
  }
  for x in whole.upperBound..<span.upperBound where values[x] > best[x] {
    best[x] = values[x]
    winners[x] = category
  }
}

/// Replaces logits by their logistic functions, within 4 ulp or 1e-38.
package func logistic(_ logits: UnsafeMutablePointer<Float>, in span: Range<Int>) {
  let whole = wholeVectors(in: span)
  for x in stride(from: whole.lowerBound, to: whole.upperBound, by: 8) { logits.store(logistic(logits.load8(x)), x) }
  let rest = span.upperBound - whole.upperBound
  guard rest > 0 else { return }
  logits.storePartial(
    logistic(logits.loadPartial8(whole.upperBound, count: rest)), whole.upperBound, count: rest)
}

/// target = max(target, values).
package func takeLarger(
  _ values: UnsafePointer<Float>, in span: Range<Int>, into target: UnsafeMutablePointer<Float>
) {
  let whole = wholeVectors(in: span)
  for x in stride(from: whole.lowerBound, to: whole.upperBound, by: 8) {
    target.store(maximum(target.load8(x), values.load8(x)), x)
  }
  for x in whole.upperBound..<span.upperBound where values[x] > target[x] { target[x] = values[x] }
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

/// The columns of `span` that fill vectors of eight.
@inline(__always)
private func wholeVectors(in span: Range<Int>) -> Range<Int> {
  span.lowerBound..<span.lowerBound + (span.count & ~7)
}

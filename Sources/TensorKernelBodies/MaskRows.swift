// What is done with rows of upsampled mask logits. Columns outside of `span` are neither read nor written.

/// Number of positive logits, and the sum of their logistic functions.
@inlinable @inline(__always)
public func positiveLogits<Instructions: VectorInstructions>(
  _ logits: UnsafePointer<Float>, in span: Range<Int>, _: Instructions.Type
) -> (count: Int, sum: Float) {
  var sums = SIMD8<Float>(repeating: 0)
  var counts = SIMD8<Int32>(repeating: 0)
  let end = span.lowerBound &+ (span.count & ~7)
  var x = span.lowerBound
  while x < span.upperBound {
    let values = x < end ? logits.load8(x) : logits.loadPartial8(x, count: span.upperBound &- x, filler: -1)
    let isInside = values .> 0
    sums += logistic(values, Instructions.self).replacing(with: 0, where: .!isInside)
    counts.replace(with: counts &+ 1, where: isInside)
    x &+= 8
  }
  return (Int(counts.wrappedSum()), sums.laneSum)
}

/// Where logistic(logit) · scale exceeds 0.5, adds it to `sums` and 1 to `counts`.
@inlinable @inline(__always)
public func addLikely<Instructions: VectorInstructions>(
  _ logits: UnsafePointer<Float>, in span: Range<Int>, scale: Float, sums: UnsafeMutablePointer<Float>,
  counts: UnsafeMutablePointer<Float>, _: Instructions.Type
) {
  let end = span.lowerBound &+ (span.count & ~7)
  var x = span.lowerBound
  while x < end {
    let values = logistic(logits.load8(x), Instructions.self) * scale
    let isLikely = values .> 0.5
    sums.store(sums.load8(x) + values.replacing(with: 0, where: .!isLikely), x)
    counts.store(counts.load8(x) + SIMD8(repeating: 1).replacing(with: 0, where: .!isLikely), x)
    x &+= 8
  }
  guard x < span.upperBound else { return }
  let values = logistic(logits.loadPartial8(x, count: span.upperBound &- x), Instructions.self) * scale
  for lane in 0..<span.upperBound &- x where values[lane] > 0.5 {
    sums[x &+ lane] += values[lane]
    counts[x &+ lane] += 1
  }
}

/// Where a value exceeds `best`, makes it the best and `category` the winner.
@inlinable @inline(__always)
public func chooseLarger<Instructions: VectorInstructions>(
  _ values: UnsafePointer<Float>, in span: Range<Int>, category: Int32, best: UnsafeMutablePointer<Float>,
  winners: UnsafeMutablePointer<Int32>, _: Instructions.Type
) {
  let raw = UnsafeMutableRawPointer(winners)
  let end = span.lowerBound &+ (span.count & ~7)
  var x = span.lowerBound
  while x < end {
    let (value, former) = (values.load8(x), best.load8(x))
    let wins = value .> former
    best.store(former.replacing(with: value, where: wins), x)
    let winner = raw.loadUnaligned(fromByteOffset: 4 &* x, as: SIMD8<Int32>.self)
    raw.storeBytes(
      of: winner.replacing(with: SIMD8(repeating: category), where: wins), toByteOffset: 4 &* x, as: SIMD8<Int32>.self)
    x &+= 8
  }
  while x < span.upperBound {
    if values[x] > best[x] { (best[x], winners[x]) = (values[x], category) }
    x &+= 1
  }
}

/// Replaces logits by their logistic functions, within 4 ulp or 1e-38.
@inlinable @inline(__always)
public func replaceByLogistic<Instructions: VectorInstructions>(
  _ logits: UnsafeMutablePointer<Float>, in span: Range<Int>, _: Instructions.Type
) {
  let end = span.lowerBound &+ (span.count & ~7)
  var x = span.lowerBound
  while x < end {
    logits.store(logistic(logits.load8(x), Instructions.self), x)
    x &+= 8
  }
  guard x < span.upperBound else { return }
  let rest = span.upperBound &- x
  logits.storePartial(logistic(logits.loadPartial8(x, count: rest), Instructions.self), x, count: rest)
}

package import TensorCore
import TensorKernelBodies

// What is done with rows of upsampled mask logits. Columns outside of `span` are neither read nor written.

/// Number of positive logits, and the sum of their logistic functions.
package func positiveLogits(
  _ logits: UnsafePointer<Float>, in span: Range<Int>, _ instructions: InstructionSet = .best
) -> (count: Int, sum: Float) {
  instructions.kernels.positiveLogits(logits, span)
}

/// Where logistic(logit) · scale exceeds 0.5, adds it to `sums` and 1 to `counts`.
package func addLikely(
  _ logits: UnsafePointer<Float>, in span: Range<Int>, scale: Float, sums: UnsafeMutablePointer<Float>,
  counts: UnsafeMutablePointer<Float>, _ instructions: InstructionSet = .best
) {
  instructions.kernels.addLikely(logits, span, scale, sums, counts)
}

/// sums /= max(counts, 1).
package func average(_ sums: UnsafeMutablePointer<Float>, counts: UnsafePointer<Float>, in span: Range<Int>) {
  for x in span { sums[x] /= max(counts[x], 1) }
}

/// Where a value exceeds `best`, makes it the best and `category` the winner.
package func chooseLarger(
  _ values: UnsafePointer<Float>, in span: Range<Int>, category: Int32, best: UnsafeMutablePointer<Float>,
  winners: UnsafeMutablePointer<Int32>, _ instructions: InstructionSet = .best
) {
  instructions.kernels.chooseLarger(values, span, category, best, winners)
}

/// Replaces logits by their logistic functions, within 4 ulp or 1e-38.
package func logistic(
  _ logits: UnsafeMutablePointer<Float>, in span: Range<Int>, _ instructions: InstructionSet = .best
) {
  instructions.kernels.logistic(logits, span)
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

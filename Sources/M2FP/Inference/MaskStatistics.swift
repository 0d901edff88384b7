import TensorKernels

/// Area, bounds and mean probability of a mask at full size; the mask is its pixels with a logit above 0.
package struct MaskStatistics: Sendable {
  /// Number of pixels in the mask.
  package var area = 0
  /// Smallest ranges of rows and columns that hold the mask; `nil` if it is empty.
  package var rows: Range<Int>?
  package var columns: Range<Int>?
  /// Sum of the probabilities of the mask's pixels.
  var sum = 0.0

  package init() {}

  /// Mean probability of the mask's pixels, as ModelScope divides: by the area + 1e-6, so 0 for an empty mask.
  package var meanProbability: Float { Float(sum) / (Float(area) + 1e-6) }

  /// Adds a row of mask logits, of which only the columns in `span` may be positive.
  mutating func add(_ row: UnsafePointer<Float>, _ span: Range<Int>, y: Int) {
    let (count, rowSum) = positiveLogits(row, in: span)
    guard count > 0 else { return }
    area += count
    sum += Double(rowSum)
    rows = (rows?.lowerBound ?? y)..<y + 1
    var first = span.lowerBound
    while !(row[first] > 0) { first += 1 }
    var last = span.upperBound - 1
    while !(row[last] > 0) { last -= 1 }
    columns = hull(columns, first..<last + 1)
  }

  mutating func add(_ other: MaskStatistics) {
    area += other.area
    sum += other.sum
    rows = hull(rows, other.rows)
    columns = hull(columns, other.columns)
  }
}

/// The smallest range that contains both.
func hull(_ first: Range<Int>?, _ second: Range<Int>?) -> Range<Int>? {
  guard let first else { return second }
  guard let second else { return first }
  return min(first.lowerBound, second.lowerBound)..<max(first.upperBound, second.upperBound)
}

/// Scratch buffer of one thread for a row of fp32 values.
final class RowBuffer {
  let pointer: UnsafeMutablePointer<Float>

  init(count: Int) {
    pointer = .allocate(capacity: max(count, 1))
    pointer.initialize(repeating: 0, count: count)
  }

  deinit { pointer.deallocate() }

  func clear(_ span: Range<Int>) {
    (pointer + span.lowerBound).update(repeating: 0, count: span.count)
  }
}

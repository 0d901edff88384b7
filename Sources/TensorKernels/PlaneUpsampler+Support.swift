/// Where a plane on a coarse grid can exceed a threshold once it is resampled to full size.
///
/// A bilinear value lies between those it is made of, so a full-size pixel all of whose neighbours on the grid are at
/// or below the threshold needs no computation. Exact for threshold 0 (a sum of products that are not positive is not
/// positive whatever the rounding), and for others up to rounding.
package struct PlaneSupport: Sendable {
  /// Full-size rows outside of which nothing exceeds the threshold.
  package let rows: Range<Int>
  /// Full-size columns outside of which nothing exceeds the threshold.
  package let columns: Range<Int>
  /// For each coarse row, the full-size columns that one of its values above the threshold reaches; nil: all.
  private let spans: [Range<Int>]?

  package init(everywhereOn rows: AxisTaps, _ columns: AxisTaps) {
    self.rows = 0..<rows.outputCount
    self.columns = 0..<columns.outputCount
    spans = nil
  }

  /// - Parameters:
  ///   - plane: Axes (rows.inputCount, columns.inputCount).
  ///   - threshold: What values must exceed to matter.
  ///   - rows: From rows of the plane to full size.
  ///   - columns: From columns of the plane to full size.
  package init(of plane: UnsafePointer<Float>, above threshold: Float, rows: AxisTaps, columns: AxisTaps) {
    var spans: [Range<Int>] = []
    var occupied: Range<Int>?
    var widest: Range<Int>?
    for row in 0..<rows.inputCount {
      let values = UnsafeBufferPointer(start: plane + row * columns.inputCount, count: columns.inputCount)
      guard let first = values.firstIndex(where: { $0 > threshold }),
        let last = values.lastIndex(where: { $0 > threshold })
      else {
        spans.append(0..<0)
        continue
      }
      let span = columns.outputs(lookingAt: first..<last + 1)
      spans.append(span)
      occupied = (occupied?.lowerBound ?? row)..<row + 1
      widest = union(widest, span)
    }
    self.rows = rows.outputs(lookingAt: occupied ?? 0..<0)
    self.columns = widest ?? 0..<0
    self.spans = spans
  }

  /// The full-size columns that any of the given coarse rows reaches.
  func columns(of coarseRows: Range<Int>) -> Range<Int> {
    guard let spans else { return columns }
    var span: Range<Int>?
    for row in coarseRows where !spans[row].isEmpty { span = union(span, spans[row]) }
    return span ?? 0..<0
  }
}

private func union(_ first: Range<Int>?, _ second: Range<Int>) -> Range<Int> {
  guard let first else { return second }
  return min(first.lowerBound, second.lowerBound)..<max(first.upperBound, second.upperBound)
}

/// Region in which a plane on a coarse grid can exceed a threshold when it is resampled to full size.
///
/// A bilinear value lies between those it is made of, so a full-size pixel all of whose neighbours on the grid are at
/// or below the threshold needs no computation. Exact for threshold 0 (a sum of products that are not positive is not
/// positive whatever the rounding), and for others up to rounding.
package struct PlaneSupport: Sendable {
  /// Full-size rows outside of which nothing exceeds the threshold.
  package let rows: Range<Int>
  /// Full-size columns outside of which nothing exceeds the threshold.
  package let columns: Range<Int>
  /// Full-size columns that the values above the threshold of each coarse row reach; `nil` for all columns.
  private let spans: [Range<Int>]?

  package init(everywhereOn rows: AxisInterpolationWeights, _ columns: AxisInterpolationWeights) {
    self.rows = 0..<rows.outputCount
    self.columns = 0..<columns.outputCount
    spans = nil
  }

  /// - Parameters:
  ///   - plane: Axes (rows.inputCount, columns.inputCount).
  ///   - threshold: Values up to this need no computation.
  ///   - rows: Interpolation from the plane's rows to full size.
  ///   - columns: Interpolation from the plane's columns to full size.
  package init(
    of plane: CoarsePlane, above threshold: Float, rows: AxisInterpolationWeights, columns: AxisInterpolationWeights
  ) {
    let reached = plane.withValues { values in
      (0..<rows.inputCount).map { row in
        let values = UnsafeBufferPointer(start: values + row * columns.inputCount, count: columns.inputCount)
        guard let first = values.firstIndex(where: { $0 > threshold }),
          let last = values.lastIndex(where: { $0 > threshold })
        else { return 0..<0 }
        return columns.outputs(lookingAt: first..<last + 1)
      }
    }
    let first = reached.firstIndex { !$0.isEmpty } ?? 0
    let last = reached.lastIndex { !$0.isEmpty } ?? -1
    self.rows = rows.outputs(lookingAt: first..<last + 1)
    self.columns = reached.reduce(0..<0, hull)
    spans = reached
  }

  /// The full-size columns that any of the given coarse rows reaches.
  func columns(of coarseRows: Range<Int>) -> Range<Int> {
    guard let spans else { return columns }
    return spans[coarseRows].reduce(0..<0, hull)
  }
}

/// The smallest range that holds both; an empty one counts for nothing.
private func hull(_ first: Range<Int>, _ second: Range<Int>) -> Range<Int> {
  if first.isEmpty { return second }
  if second.isEmpty { return first }
  return min(first.lowerBound, second.lowerBound)..<max(first.upperBound, second.upperBound)
}

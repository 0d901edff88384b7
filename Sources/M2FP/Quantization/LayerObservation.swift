/// Observations of one layer during calibration.
package struct LayerObservation: Sendable {
  /// A row of the layer's input, as it is multiplied with the weight (after im2col for a convolution).
  struct Row: Sendable {
    /// Random rank. If there are too many rows, those with the smallest ranks are kept, whatever their order.
    let rank: UInt64
    let values: [Float]
  }

  /// Histogram of the input.
  package internal(set) var input = HistogramObserver()
  /// Histogram of the output, for shortcuts.
  package internal(set) var output = HistogramObserver()
  var rows: [Row] = []

  package init() {}

  mutating func merge(_ other: LayerObservation, mostRows: Int) {
    input.merge(other.input)
    output.merge(other.output)
    rows += other.rows
    guard rows.count > mostRows else { return }
    rows.sort { $0.rank < $1.rank }
    rows.removeLast(rows.count - mostRows)
  }
}

/// Number of rows of a layer's input that calibration keeps.
struct RowBudget: Sendable {
  /// Expected number of images.
  let pictures: Int

  private static let rows = 512
  /// Largest number of elements of one layer's rows: 4 MiB.
  private static let floats = 1 << 20

  func rows(depth: Int) -> Int { max(min(Self.rows, Self.floats / max(depth, 1)), 1) }

  func rowsOfPicture(depth: Int) -> Int {
    (rows(depth: depth) + max(pictures, 1) - 1) / max(pictures, 1)
  }
}

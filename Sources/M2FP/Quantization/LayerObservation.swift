/// What calibration has seen of one layer.
package struct LayerObservation: Sendable {
  /// A row that the weight was multiplied with.
  struct Row: Sendable {
    /// Rows with the smallest numbers stay when there are too many: a choice that does not depend on their order.
    let rank: UInt64
    let values: [Float]
  }

  /// Of what it reads.
  package internal(set) var input = HistogramObserver()
  /// Of what it writes, for shortcuts.
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

/// How many rows of a layer's input calibration keeps.
struct RowBudget: Sendable {
  /// Pictures that are expected to be seen.
  let pictures: Int

  private static let rows = 512
  /// Floats of one layer's rows: 4 MiB.
  private static let floats = 1 << 20

  func rows(depth: Int) -> Int { max(min(Self.rows, Self.floats / max(depth, 1)), 1) }

  func rowsOfPicture(depth: Int) -> Int {
    (rows(depth: depth) + max(pictures, 1) - 1) / max(pictures, 1)
  }
}

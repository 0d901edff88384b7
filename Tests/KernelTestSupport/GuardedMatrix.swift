package import TensorCore

/// A matrix whose rows are set apart by columns that nobody may write to, and that is set between rows of them.
package final class GuardedMatrix {
  package let view: Matrix
  private let memory: UnsafeMutablePointer<Float>
  private let count: Int
  private let start: Int
  private static let sentinel: Float = -12_345.678

  /// - Parameters:
  ///   - rows: Rows of the matrix.
  ///   - columns: Columns of the matrix.
  ///   - gap: Guarding columns between a row's end and the next row.
  ///   - values: What it holds at first, row by row; NaN everywhere when nil, so that what is not written shows.
  package init(rows: Int, columns: Int, gap: Int = 0, values: [Float]? = nil) {
    let rowStride = columns + gap
    start = rowStride + 1
    count = (rows + 2) * rowStride + 2
    memory = .allocate(capacity: count)
    memory.initialize(repeating: Self.sentinel, count: count)
    // One float off any alignment, which no kernel may count on.
    view = Matrix(memory + start, rows: rows, columns: columns, rowStride: rowStride)
    for row in 0..<rows {
      for column in 0..<columns { view.row(row)[column] = values?[row * columns + column] ?? .nan }
    }
  }

  deinit { memory.deallocate() }

  /// The values, row by row.
  package var values: [Float] {
    (0..<view.rows).flatMap { row in (0..<view.columns).map { view.row(row)[$0] } }
  }

  /// The same memory as a feature map; only without a gap.
  package func map(height: Int, width: Int) -> FeatureMap<Float> {
    precondition(view.rowStride == view.columns && height * width == view.rows)
    return FeatureMap(view.base, height: height, width: width, channels: view.columns)
  }

  /// A place beside the matrix that was written to; `nil` where there is none.
  package var damage: (row: Int, column: Int)? {
    for index in 0..<count where memory[index] != Self.sentinel {
      let (row, column) = (index - start).quotientAndRemainder(dividingBy: max(view.rowStride, 1))
      if index < start || row >= view.rows || column >= view.columns { return (row, column) }
    }
    return nil
  }
}

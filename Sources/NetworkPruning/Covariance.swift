package import OpenBLAS

/// Means and covariances of the input of a layer over sampled rows, each what one output is a product of: (depth) and
/// (depth, depth), in the order of the rows' elements.
///
/// Sums are in fp32, as the rows are; the products of matrices are OpenBLAS's.
package struct Covariance {
  package let depth: Int
  package private(set) var rows = 0
  private var sums: [Double]
  /// Σ x · xᵀ, of which the lower triangle is used, row-major.
  private var products: [Float]

  package init(depth: Int) {
    self.depth = depth
    sums = Array(repeating: 0, count: depth)
    products = Array(repeating: 0, count: depth * depth)
  }

  /// Adds rows: (rows, depth).
  package mutating func add(_ values: [Float], _ library: OpenBLAS) {
    let count = values.count / depth
    guard count > 0 else { return }
    rows += count
    for (index, value) in values.enumerated() { sums[index % depth] += Double(value) }
    library.addSquares(of: values, rows: count, columns: depth, to: &products)
  }

  package func mean(_ index: Int) -> Double { sums[index] / Double(max(rows, 1)) }

  package func variance(_ index: Int) -> Double { max(self[index, index], 0) }

  /// Covariance of two elements.
  package subscript(row: Int, column: Int) -> Double {
    let place = row >= column ? row * depth + column : column * depth + row
    return Double(products[place]) / Double(max(rows, 1)) - mean(row) * mean(column)
  }

  /// The covariances of some elements with some others: (rows.count, columns.count), row-major.
  func block(_ rows: [Int], _ columns: [Int]) -> [Double] {
    var block: [Double] = []
    block.reserveCapacity(rows.count * columns.count)
    for row in rows {
      for column in columns { block.append(self[row, column]) }
    }
    return block
  }
}

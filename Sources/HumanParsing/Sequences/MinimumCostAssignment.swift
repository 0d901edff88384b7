/// The assignment of rows to columns with the smallest sum of costs, each row and each column at most once (Kuhn, "The
/// Hungarian method", 1955; shortest augmenting paths as by Jonker and Volgenant, 1987).
///
/// - Parameters:
///   - rows: Number of rows.
///   - columns: Number of columns.
///   - cost: Cost of a pair; `nil` for pairs that must not be. A pair costs at most `mostCost`.
/// - Returns: For each row its column, or `nil`. As many pairs as can be are made before their costs are compared.
package func minimumCostAssignment(
  rows: Int, columns: Int, cost: (_ row: Int, _ column: Int) -> Float?
) -> [Int?] {
  // One row and one column more than there are, as the algorithm counts from 1; never more rows than columns.
  let (isTall, n, m) = (rows > columns, min(rows, columns), max(rows, columns))
  guard n > 0 else { return Array(repeating: nil, count: rows) }
  func value(_ row: Int, _ column: Int) -> Double {
    (isTall ? cost(column, row) : cost(row, column)).map { Double(min($0, mostCost)) } ?? forbidden
  }
  var rowPotentials = [Double](repeating: 0, count: n + 1)
  var columnPotentials = [Double](repeating: 0, count: m + 1)
  /// The row of each column; 0 for none.
  var owners = [Int](repeating: 0, count: m + 1)
  for row in 1...n {
    owners[0] = row
    var slack = [Double](repeating: .infinity, count: m + 1)
    var previous = [Int](repeating: 0, count: m + 1)
    var isVisited = [Bool](repeating: false, count: m + 1)
    var column = 0
    repeat {
      isVisited[column] = true
      let owner = owners[column]
      var (least, next) = (Double.infinity, 0)
      for candidate in 1...m where !isVisited[candidate] {
        let reduced = value(owner - 1, candidate - 1) - rowPotentials[owner] - columnPotentials[candidate]
        if reduced < slack[candidate] { (slack[candidate], previous[candidate]) = (reduced, column) }
        if slack[candidate] < least { (least, next) = (slack[candidate], candidate) }
      }
      for place in 0...m {
        if isVisited[place] {
          rowPotentials[owners[place]] += least
          columnPotentials[place] -= least
        } else {
          slack[place] -= least
        }
      }
      column = next
    } while owners[column] != 0
    while column != 0 {
      owners[column] = owners[previous[column]]
      column = previous[column]
    }
  }
  var result = [Int?](repeating: nil, count: rows)
  for column in 1...m where owners[column] > 0 {
    let (row, other) = isTall ? (column - 1, owners[column] - 1) : (owners[column] - 1, column - 1)
    if cost(row, other) != nil { result[row] = other }
  }
  return result
}

/// Largest cost of a pair that `minimumCostAssignment` tells from others.
private let mostCost: Float = 1000
/// Cost of a pair that must not be: more than any number of pairs that may be.
private let forbidden = 1e9

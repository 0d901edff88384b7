import OpenBLAS
import TensorCore

/// c = activation(bias + a · b + residual) by OpenBLAS, on the caller's thread.
struct OpenBLASProduct {
  let library: OpenBLAS
  /// (rows, depth).
  let a: Matrix
  /// Row 0 of the right operand, (depth, columns) or transposed (columns, depth).
  let b: UnsafePointer<Float>
  let bStride: Int
  var transposeB = false
  /// (columns); `nil` for none.
  var bias: UnsafePointer<Float>?
  /// (rows, columns); may be c.
  var residual: Matrix?
  var activation = Activation.none

  func callAsFunction(into c: Matrix) {
    guard c.rows > 0, c.columns > 0 else { return }
    let isFirst = bias == nil && residual == nil
    if isFirst, a.columns == 0 { return clear(c) }
    if !isFirst { for row in 0..<c.rows { startRow(row, of: c) } }
    if a.columns > 0 {
      library.multiply(
        rows: c.rows, columns: c.columns, depth: a.columns, a: a.base, aStride: a.rowStride, b: b, bStride: bStride,
        transposeB: transposeB, c: c.base, cStride: c.rowStride, adds: !isFirst)
    }
    if case .relu = activation {
      for row in 0..<c.rows {
        mapRow(c.row(row), into: c.row(row), count: c.columns) {
          $0.replacing(with: 0, where: $0 .< 0)
        }
      }
    }
  }

  /// What the product is added to.
  private func startRow(_ row: Int, of c: Matrix) {
    switch (bias, residual) {
    case (let bias?, nil): c.row(row).update(from: bias, count: c.columns)
    case (nil, let residual?): c.row(row).update(from: residual.row(row), count: c.columns)
    case (let bias?, let residual?):
      let (from, to) = (residual.row(row), c.row(row))
      for column in 0..<c.columns { to[column] = from[column] + bias[column] }
    case (nil, nil): break
    }
  }

  private func clear(_ c: Matrix) {
    for row in 0..<c.rows { c.row(row).update(repeating: 0, count: c.columns) }
  }
}

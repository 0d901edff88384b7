import TensorCore

#if canImport(COpenBLAS)
  import COpenBLAS

  /// What OpenBLAS says about itself: version, options of its build, and the processor that its kernels are for.
  package let openBLASDescription: String? = {
    guard let options = openblas_get_config(), let core = openblas_get_corename() else { return nil }
    let words = String(cString: options).split(separator: " ").joined(separator: " ")
    return "\(words), kernels for \(String(cString: core))"
  }()

  /// Whether several threads may call OpenBLAS at once, each of which computes its own product.
  let isOpenBLASUsable = openblas_can_be_shared()

  /// c = a · b, or c += a · b: a (rows, depth), b (depth, columns) or transposed (columns, depth), c (rows, columns), each
  /// with its rows `stride` apart. The caller's thread computes it all.
  func sgemm(
    rows: Int, columns: Int, depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, bStride: Int,
    transposeB: Bool, c: UnsafeMutablePointer<Float>, cStride: Int, adds: Bool
  ) {
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(rows), Int32(columns), Int32(depth), 1,
      a, Int32(aStride), b, Int32(bStride), adds ? 1 : 0, c, Int32(cStride))
  }
#else
  package let openBLASDescription: String? = nil
  let isOpenBLASUsable = false

  func sgemm(
    rows: Int, columns: Int, depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, bStride: Int,
    transposeB: Bool, c: UnsafeMutablePointer<Float>, cStride: Int, adds: Bool
  ) {
    preconditionFailure("a program without OpenBLAS chooses no backend that needs it")
  }
#endif

/// c = activation(bias + a · b + residual) by OpenBLAS, on the caller's thread.
struct OpenBLASProduct {
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
      sgemm(
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

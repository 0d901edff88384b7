import COpenBLAS
import TensorCore

/// OpenBLAS as this package uses it: each call runs on the thread that makes it, and our `WorkerPool` deals the tiles.
///
/// This is the one place that calls it. OpenBLAS's own thread pool would fight with ours and could not run what
/// follows a tile, so it is switched off, once, for the whole process.
enum SingleThreadedBLAS {
  private static let isReady: Bool = {
    openblas_set_num_threads(1)
    return true
  }()

  /// C = α · A · B, or α · A · Bᵀ; added to C where `accumulate` says so. C must not overlap A or B.
  static func multiply(
    _ a: Matrix, _ b: Matrix, transposeB: Bool, into c: Matrix, scale alpha: Float = 1, accumulate: Bool = false
  ) {
    assert(a.columns == (transposeB ? b.columns : b.rows) && c.rows == a.rows)
    assert(c.columns == (transposeB ? b.rows : b.columns))
    guard isReady, c.rows > 0, c.columns > 0 else { return }
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasint(truncatingIfNeeded: c.rows), blasint(truncatingIfNeeded: c.columns),
      blasint(truncatingIfNeeded: a.columns), alpha,
      a.base, leadingDimension(a), b.base, leadingDimension(b), accumulate ? 1 : 0, c.base, leadingDimension(c))
  }

  private static func leadingDimension(_ matrix: Matrix) -> blasint {
    blasint(truncatingIfNeeded: max(matrix.rowStride, 1))
  }
}

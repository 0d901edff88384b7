import COpenBLAS

/// Stands in for Sources/OpenBLAS in a program that is linked with OpenBLAS statically, and so can load no library.
package final class OpenBLAS: Sendable {
  package static let shared: OpenBLAS? = OpenBLAS()

  package let isThreadSafe: Bool

  private init() {
    openblas_set_num_threads(1)
    isThreadSafe = openblas_get_parallel() != OPENBLAS_SEQUENTIAL
  }

  package func multiply(
    rows: Int, columns: Int, depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, bStride: Int,
    transposeB: Bool, c: UnsafeMutablePointer<Float>, cStride: Int, adds: Bool
  ) {
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(rows), Int32(columns), Int32(depth), 1,
      a, Int32(aStride), b, Int32(bStride), adds ? 1 : 0, c, Int32(cStride))
  }
}

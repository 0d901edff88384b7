import Platform

/// OpenBLAS, which is loaded when something first needs it.
///
/// Programs are not linked with it: its constructor would start threads and reserve memory in each process, and where memory is
/// refused (`ulimit -v`) those threads try forever. Most processes never need it.
package final class OpenBLAS: Sendable {
  /// The system's; `nil` if there is none.
  package static let shared = OpenBLAS()

  /// What it says about itself: version, options of its build, and the processor that its kernels are for.
  package let description: String
  /// Whether several threads may call it at once. One that is built without threads, as Debian's `libopenblas0-serial`, would
  /// give the same buffer to two of them.
  package let isThreadSafe: Bool
  private let functions: Functions

  private static let names = [
    "libopenblas.so.0", "libopenblas.dylib", "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
  ]

  private init?() {
    guard let library = SharedLibrary(Self.names), let functions = Functions(library) else { return nil }
    self.functions = functions
    // The threads that share it are the callers'.
    functions.setThreads(1)
    isThreadSafe = functions.kindOfThreads() != 0
    let texts = [functions.configuration(), functions.coreName()].map { $0.map { String(cString: $0) } ?? "unknown" }
    description = "\(texts[0].split(separator: " ").joined(separator: " ")), kernels for \(texts[1])"
  }

  /// Keeps OpenBLAS from starting threads when it is loaded. To be called before the process has any.
  package static func startNoThreads() { setEnvironmentVariable("OPENBLAS_NUM_THREADS", to: "1") }

  /// c = a · b, or c += a · b: a (rows, depth), b (depth, columns) or transposed (columns, depth), c (rows, columns), each
  /// with its rows `stride` apart.
  package func multiply(
    rows: Int, columns: Int, depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, bStride: Int,
    transposeB: Bool, c: UnsafeMutablePointer<Float>, cStride: Int, adds: Bool
  ) {
    functions.sgemm(
      Order.rowMajor, Transposition.none, transposeB ? Transposition.transposed : Transposition.none, Int32(rows),
      Int32(columns), Int32(depth), 1, a, Int32(aStride), b, Int32(bStride), adds ? 1 : 0, c, Int32(cStride))
  }

  /// a · bᵀ of row-major matrices (rows, depth) and (columns, depth).
  package func product(_ a: [Double], _ b: [Double], rows: Int, columns: Int, depth: Int) -> [Double] {
    var result = [Double](repeating: 0, count: rows * columns)
    guard rows > 0, columns > 0, depth > 0 else { return result }
    let (m, n, k) = (Int32(rows), Int32(columns), Int32(depth))
    functions.dgemm(
      Order.rowMajor, Transposition.none, Transposition.transposed, m, n, k, 1, a, k, b, k, 0, &result, n)
    return result
  }

  /// c += aᵀ · a in the lower triangle: a (rows, columns), c (columns, columns), row-major.
  package func addSquares(of a: [Float], rows: Int, columns: Int, to c: inout [Float]) {
    let (order, count) = (Int32(columns), Int32(rows))
    functions.ssyrk(
      Order.rowMajor, Triangle.lower, Transposition.transposed, order, count, 1, a, order, 1, &c, order)
  }

  /// Solves a symmetric positive definite system by Cholesky's decomposition, in place: LAPACK's `dposv`.
  ///
  /// - Parameters:
  ///   - system: (order, order).
  ///   - values: (rightHandSides, order): right-hand sides, and in the end their solutions.
  /// - Returns: Whether there is a finite solution.
  package func solve(_ system: inout [Double], _ values: inout [Double], order: Int, rightHandSides: Int) -> Bool {
    guard order > 0, rightHandSides > 0 else { return true }
    var (n, count, info) = (Int32(order), Int32(rightHandSides), Int32(0))
    var (leading, other) = (n, n)
    // A symmetric matrix is the same in Fortran's order of axes; the rows of `values` are columns there.
    functions.dposv("L", &n, &count, &system, &leading, &values, &other, &info)
    return info == 0 && values.allSatisfy(\.isFinite)
  }
}

/// Constants of CBLAS.
private enum Order { static let rowMajor: Int32 = 101 }
private enum Transposition {
  static let none: Int32 = 111
  static let transposed: Int32 = 112
}
private enum Triangle { static let lower: Int32 = 122 }

/// The functions that are used, as `cblas.h` declares them; LAPACK's is Fortran's. Integers have 32 bits.
private struct Functions: Sendable {
  typealias SGEMM =
    @convention(c) (
      Int32, Int32, Int32, Int32, Int32, Int32, Float, UnsafePointer<Float>, Int32, UnsafePointer<Float>, Int32, Float,
      UnsafeMutablePointer<Float>, Int32
    ) -> Void
  typealias DGEMM =
    @convention(c) (
      Int32, Int32, Int32, Int32, Int32, Int32, Double, UnsafePointer<Double>, Int32, UnsafePointer<Double>, Int32,
      Double, UnsafeMutablePointer<Double>, Int32
    ) -> Void
  typealias SSYRK =
    @convention(c) (
      Int32, Int32, Int32, Int32, Int32, Float, UnsafePointer<Float>, Int32, Float, UnsafeMutablePointer<Float>, Int32
    ) -> Void
  typealias DPOSV =
    @convention(c) (
      UnsafePointer<CChar>, UnsafePointer<Int32>, UnsafePointer<Int32>, UnsafeMutablePointer<Double>,
      UnsafePointer<Int32>, UnsafeMutablePointer<Double>, UnsafePointer<Int32>, UnsafeMutablePointer<Int32>
    ) -> Void
  typealias Text = @convention(c) () -> UnsafePointer<CChar>?

  let sgemm: SGEMM
  let dgemm: DGEMM
  let ssyrk: SSYRK
  let dposv: DPOSV
  let setThreads: @convention(c) (Int32) -> Void
  let kindOfThreads: @convention(c) () -> Int32
  let configuration: Text
  let coreName: Text

  /// `nil` where one is missing, as in a BLAS that is not OpenBLAS.
  init?(_ library: SharedLibrary) {
    guard let sgemm = library.function("cblas_sgemm", as: SGEMM.self),
      let dgemm = library.function("cblas_dgemm", as: DGEMM.self),
      let ssyrk = library.function("cblas_ssyrk", as: SSYRK.self),
      let dposv = library.function("dposv_", as: DPOSV.self),
      let setThreads = library.function("openblas_set_num_threads", as: (@convention(c) (Int32) -> Void).self),
      let kindOfThreads = library.function("openblas_get_parallel", as: (@convention(c) () -> Int32).self),
      let configuration = library.function("openblas_get_config", as: Text.self),
      let coreName = library.function("openblas_get_corename", as: Text.self)
    else { return nil }
    self.sgemm = sgemm
    self.dgemm = dgemm
    self.ssyrk = ssyrk
    self.dposv = dposv
    self.setThreads = setThreads
    self.kindOfThreads = kindOfThreads
    self.configuration = configuration
    self.coreName = coreName
  }
}

import KernelTestSupport
import TensorCore
import TensorKernels

/// Runs cases on one thread and on three, and counts those that fail.
struct Trial {
  private(set) var failures = 0
  private let pools = [WorkerPool(threads: 1), WorkerPool(threads: 3)]

  /// A result that a case fills.
  enum Result {
    case matrix(GuardedMatrix)
    case bytes(GuardedBytes)
    case floats([Float])
  }

  /// Expects values within absolute + relative · |expected| of the scalar twin's, nothing written beside them, and the
  /// same bits on any number of threads.
  ///
  /// - Parameters:
  ///   - arithmetic: The line of a `fastest` result says so: its bits depend on whether the processor multiplies and adds
  ///     in one rounding. Those of a `reproducible` one must not depend on the processor.
  ///   - compute: One run of the kernel with the given context.
  mutating func expect(
    _ name: String, near expected: [Float], absolute: Float, relative: Float = 1e-5,
    _ arithmetic: Arithmetic = .reproducible, _ compute: (ExecutionContext) -> Result
  ) {
    var first: UInt64?
    for pool in pools {
      let context = ExecutionContext(arena: Arena(), pool: pool, backend: .best, arithmetic: arithmetic)
      let values = values(of: compute(context), name)
      let comparison = Comparison(values, expected, absolute: absolute, relative: relative)
      if !comparison.isClose { fail(name, "differs from its scalar twin on \(pool.threads) threads: \(comparison)") }
      let checksum = Self.checksum(values)
      if let first, first != checksum { fail(name, "depends on the number of threads") }
      first = checksum
    }
    print("\(name): \(hexadecimal(first ?? 0))")
  }

  /// Expects the scalar twin's values to the bit.
  mutating func expect(_ name: String, equal expected: [Float], _ compute: (ExecutionContext) -> Result) {
    expect(name, near: expected, absolute: 0, relative: 0, .reproducible, compute)
  }

  mutating func expect(_ name: String, equal expected: [UInt8], _ compute: (ExecutionContext) -> Result) {
    expect(name, equal: expected.map { Float($0) }, compute)
  }

  private mutating func values(of result: Result, _ name: String) -> [Float] {
    switch result {
    case .floats(let values): return values
    case .matrix(let matrix):
      if let (row, column) = matrix.damage { fail(name, "wrote beside its result, at row \(row), column \(column)") }
      return matrix.values
    case .bytes(let map):
      if !map.isIntact { fail(name, "wrote beside its result") }
      return map.values.map { Float($0) }
    }
  }

  private mutating func fail(_ name: String, _ reason: String) {
    failures += 1
    print("FAILED \(name): \(reason)")
  }

  /// FNV-1a over the bits; all NaNs count as one, as processors give them different signs.
  private static func checksum(_ values: [Float]) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for value in values {
      hash = (hash ^ UInt64((value.isNaN ? Float.nan : value).bitPattern)) &* 0x100_0000_01b3
    }
    return hash
  }

  private func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}

extension SeededGenerator {
  mutating func matrix(
    _ rows: Int, _ columns: Int, gap: Int = 0, in range: ClosedRange<Float> = -1...1
  ) -> GuardedMatrix {
    GuardedMatrix(rows: rows, columns: columns, gap: gap, values: floats(rows * columns, in: range))
  }
}

/// With and without a residual and ReLU; the first has all.
let everyEpilogue: [(hasResidual: Bool, relu: Bool)] = [(true, true), (true, false), (false, true), (false, false)]
let bothArithmetics: [Arithmetic] = [.reproducible, .fastest]

extension Arithmetic {
  var name: String {
    switch self {
    case .fastest: "fastest"
    case .reproducible: "reproducible"
    }
  }
}

package import TensorCore
import TensorKernelBodies

#if arch(x86_64)
  import TensorKernelsAVX2
  import TensorKernelsAVX512
  import TensorKernelsAVXVNNI
  import TensorKernelsVNNI
#endif

// What the processor could do at best, for benchmarks. Not in the tables of kernels, since the network has no use for
// it.

extension InstructionSet {
  /// Floating-point operations in a round of `runMultiplyAddLoop`.
  package var multiplyAddLoopOperations: Int { 2 * MultiplyAddLoop.chains * vectorWidth }

  /// Floats in a register.
  private var vectorWidth: Int {
    switch self {
    case .amx, .avx512: 16
    case .avx2: 8
    case .portable: Portable.Vector.scalarCount
    }
  }

  /// Multiplies and adds in registers and does nothing else.
  @discardableResult
  package func runMultiplyAddLoop(rounds: Int) -> Float {
    switch self {
    #if arch(x86_64)
      case .amx, .avx512: multiplyAddLoopAVX512(rounds)
      case .avx2: multiplyAddLoopAVX2(rounds)
    #else
      case .amx, .avx512, .avx2: MultiplyAddLoop.run(rounds: rounds, Portable.self)
    #endif
    case .portable: MultiplyAddLoop.run(rounds: rounds, Portable.self)
    }
  }
}

extension IntegerInstructionSet {
  /// Operations on integers in a round of `runProductLoop`: four multiply-adds a sum.
  package var productLoopOperations: Int {
    // Four tiles of 16 × 16 sums, each of 64 products.
    self == .amx ? 4 * 16 * 16 * 2 * 64 : 2 * 4 * IntegerProductLoop.chains * vectorWidth
  }

  /// Sums in a register of vectors.
  private var vectorWidth: Int {
    switch self {
    case .amx, .vnni: 16
    case .avxvnni, .avx2: 8
    case .portable: Portable.Sums.scalarCount
    }
  }

  /// Multiplies bytes and adds in registers and does nothing else.
  @discardableResult
  package func runProductLoop(rounds: Int) -> Int32 {
    switch self {
    #if arch(x86_64)
      case .amx: tileProductLoop(rounds)
      case .vnni: integerProductLoopVNNI(rounds)
      case .avxvnni: integerProductLoopAVXVNNI(rounds)
      case .avx2: integerProductLoopAVX2(rounds)
    #else
      case .amx, .vnni, .avxvnni, .avx2: IntegerProductLoop.run(rounds: rounds, Portable.self)
    #endif
    case .portable: IntegerProductLoop.run(rounds: rounds, Portable.self)
    }
  }
}

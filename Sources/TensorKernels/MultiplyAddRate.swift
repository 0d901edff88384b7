import TensorKernelBodies

#if arch(x86_64)
  import TensorKernelsAVX2
  import TensorKernelsAVX512
#endif

// Not in the table of kernels, since the network has no use for it.

extension InstructionSet {
  /// Floating-point operations in a round of `runMultiplyAddLoop`.
  package var multiplyAddLoopOperations: Int { 2 * MultiplyAddLoop.chains * vectorWidth }

  /// Floats in a register.
  private var vectorWidth: Int {
    switch self {
    case .avx512: 16
    case .avx2: 8
    case .portable: Portable.Vector.scalarCount
    }
  }

  /// Multiplies and adds in registers and does nothing else, for benchmarks that ask what the processor could do.
  @discardableResult
  package func runMultiplyAddLoop(rounds: Int) -> Float {
    switch self {
    #if arch(x86_64)
      case .avx512: multiplyAddLoopAVX512(rounds)
      case .avx2: multiplyAddLoopAVX2(rounds)
    #else
      case .avx512, .avx2: MultiplyAddLoop.run(rounds: rounds, Portable.self)
    #endif
    case .portable: MultiplyAddLoop.run(rounds: rounds, Portable.self)
    }
  }
}

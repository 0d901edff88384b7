import TensorKernelBodies

extension InstructionSet {
  /// Floating-point operations in a round of `runMultiplyAddLoop`.
  package var multiplyAddLoopOperations: Int { 2 * MultiplyAddLoop.chains * kernels.vectorWidth }

  /// Multiplies and adds in registers and does nothing else, for benchmarks that ask what the processor could do.
  @discardableResult
  package func runMultiplyAddLoop(rounds: Int) -> Float { kernels.multiplyAddLoop(rounds) }
}

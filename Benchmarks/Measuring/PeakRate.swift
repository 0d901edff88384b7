import TensorCore
package import TensorKernels

/// What the processor could do at best: the best of some tries.
package enum PeakRate {
  /// A few milliseconds: short, so that some tries pass undisturbed on a machine that others use.
  private static let rounds = 4_000_000
  private static let tries = 30

  /// GFLOP/s of so many threads that do nothing but multiply and add in registers.
  package static func gigaflops(threads: Int, _ instructions: InstructionSet = .best) -> Double {
    best(threads: threads, operations: instructions.multiplyAddLoopOperations) {
      instructions.runMultiplyAddLoop(rounds: rounds)
    }
  }

  /// GOP/s of so many threads that do nothing but multiply bytes and add in registers.
  package static func gigaops(threads: Int, _ instructions: IntegerInstructionSet) -> Double {
    best(threads: threads, operations: instructions.productLoopOperations) {
      instructions.runProductLoop(rounds: rounds)
    }
  }

  private static func best(threads: Int, operations: Int, _ loop: () -> Void) -> Double {
    let pool = WorkerPool(threads: threads)
    let clock = ContinuousClock()
    return (0..<tries).reduce(0) { best, _ in
      let time = clock.measure { pool.forEach(pool.threads) { _, _ in loop() } }
      return max(best, Double(operations * rounds * pool.threads) / (time / .nanoseconds(1)))
    }
  }
}

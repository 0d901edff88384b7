import TensorCore
package import TensorKernels

/// What the processor could do at best: the best of the tries of a second, since neighbours come and go.
package enum PeakRate {
  /// A few milliseconds: short, so that some tries pass undisturbed on a machine that others use.
  private static let rounds = 4_000_000

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

  private static func best(threads: Int, operations: Int, _ loop: @Sendable () -> Void) -> Double {
    let pool = WorkerPool(threads: threads)
    let clock = ContinuousClock()
    let end = clock.now + .seconds(1)
    var best = 0.0
    while clock.now < end {
      let time = clock.measure { pool.forEach(pool.threads) { _, _ in loop() } }
      best = max(best, Double(operations * rounds * pool.threads) / (time / .nanoseconds(1)))
    }
    return best
  }
}

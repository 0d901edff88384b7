package import TensorCore
package import TensorKernels

/// Peak arithmetic rate of the processor: the best of many short measurements within a second.
package enum PeakRate {
  /// Rounds of a measurement: a few milliseconds, short enough that some are not disturbed by other processes.
  private static let rounds = 4_000_000

  /// Rate of fp32 multiply-adds in registers, GFLOP/s.
  package static func gigaflops(threads: Int, _ instructions: InstructionSet = .best) -> Double {
    best(threads: threads, operations: instructions.multiplyAddLoopOperations) {
      instructions.runMultiplyAddLoop(rounds: rounds)
    }
  }

  /// Rate of int8 multiply-adds in registers, GOP/s.
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

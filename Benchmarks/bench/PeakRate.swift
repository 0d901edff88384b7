import TensorCore
import TensorKernels

/// What the processor could do at best.
enum PeakRate {
  /// A few milliseconds: short, so that some tries pass undisturbed on a machine that others use.
  private static let rounds = 4_000_000
  private static let tries = 30

  /// GFLOP/s of so many threads that do nothing but multiply and add in registers: the best of some tries.
  static func measure(threads: Int, instructions: InstructionSet = .best) -> Double {
    let pool = WorkerPool(threads: threads)
    let clock = ContinuousClock()
    let operations = Double(instructions.multiplyAddLoopOperations * rounds * pool.threads)
    return (0..<tries).reduce(0) { best, _ in
      let time = clock.measure {
        pool.forEach(pool.threads) { _, _ in instructions.runMultiplyAddLoop(rounds: rounds) }
      }
      return max(best, operations / (time / .nanoseconds(1)))
    }
  }
}

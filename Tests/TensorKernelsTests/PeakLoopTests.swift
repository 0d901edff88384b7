import TensorCore
import TensorKernels
import Testing

@Suite(.timeLimit(.minutes(10))) struct PeakLoopTests {
  /// What the loop of products of bytes computes, sum by sum.
  private func sum(rounds: Int) -> Int32 {
    let first = Int32(truncatingIfNeeded: rounds) | 0x0102_0304
    let weights = (0..<12).map { first &* (2 &* $0 &+ 1) }
    var sums = weights
    var activations = first
    for _ in 0..<rounds {
      for chain in sums.indices {
        for shift in [0, 8, 16, 24] as [Int32] {
          let weight = Int32(Int8(truncatingIfNeeded: weights[chain] &>> shift))
          sums[chain] &+= Int32(UInt8(truncatingIfNeeded: activations &>> shift)) &* weight
        }
      }
      activations &+= 0x0103_0507
    }
    return sums.reduce(0, &+)
  }

  @Test(arguments: InstructionSet.available, [0, 1, 2, 1000])
  func noProductIsLeftOut(_ instructions: InstructionSet, _ rounds: Int) {
    let expected = instructions == .amx ? 4 * 64 * Int32(rounds) : sum(rounds: rounds)
    #expect(instructions.integers.runProductLoop(rounds: rounds) == expected)
  }
}

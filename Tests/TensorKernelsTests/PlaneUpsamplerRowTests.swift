import TensorCore
import TensorKernels
import TestSupport
import Testing

/// What is done with rows of mask logits against scalar twins, at spans that straddle the vectors' width.
@Suite(.timeLimit(.minutes(10))) struct PlaneUpsamplerRowTests {
  static let spans = [0..<0, 0..<1, 3..<4, 0..<7, 0..<8, 0..<9, 5..<21, 1..<64, 60..<70, 0..<131]
  private static let count = 131

  private func logits(_ span: Range<Int>) -> [Float] {
    var generator = SeededGenerator(span.count)
    return generator.floats(Self.count, in: -3...3)
  }

  @Test(arguments: spans, InstructionSet.available)
  func positiveLogitsAreCountedAndSummed(span: Range<Int>, instructions: InstructionSet) {
    let logits = logits(span)
    let (count, sum) = positiveLogits(logits, in: span, instructions)
    let expected = Scalar.positiveLogits(logits, in: span)
    #expect(count == expected.count)
    expectClose([sum], [expected.sum], absolute: 1e-4)
  }

  @Test(arguments: spans, InstructionSet.available)
  func likelyValuesAreAdded(span: Range<Int>, instructions: InstructionSet) {
    let logits = logits(span)
    var (sums, counts) = (
      Array(repeating: Float(0.25), count: Self.count), Array(repeating: Float(1), count: Self.count)
    )
    var (expectedSums, expectedCounts) = (sums, counts)
    addLikely(logits, in: span, scale: 0.8, sums: &sums, counts: &counts, instructions)
    Scalar.addLikely(logits, in: span, scale: 0.8, sums: &expectedSums, counts: &expectedCounts)
    expectClose(sums, expectedSums, absolute: 1e-6)
    #expect(counts == expectedCounts)
  }

  @Test(arguments: spans, InstructionSet.available)
  func theLargerValueWins(span: Range<Int>, instructions: InstructionSet) {
    let values = logits(span)
    var (best, winners) = (Array(values.reversed()), Array(repeating: Int32(3), count: Self.count))
    var (expectedBest, expectedWinners) = (best, winners)
    chooseLarger(values, in: span, category: 7, best: &best, winners: &winners, instructions)
    Scalar.chooseLarger(values, in: span, category: 7, best: &expectedBest, winners: &expectedWinners)
    #expect(best == expectedBest && winners == expectedWinners)
  }

  @Test(arguments: spans, InstructionSet.available)
  func logisticIsWithinTheSpanOnly(span: Range<Int>, instructions: InstructionSet) {
    let logits = logits(span)
    var values = logits
    logistic(&values, in: span, instructions)
    expectClose(
      values, logits.indices.map { span.contains($0) ? Scalar.logistic(logits[$0]) : logits[$0] }, absolute: 1e-6)
  }

  @Test(arguments: spans)
  func averagesAndMaxima(span: Range<Int>) {
    let values = logits(span)
    let counts = values.indices.map { Float($0 % 4) }
    var averages = values
    average(&averages, counts: counts, in: span)
    #expect(averages == values.indices.map { span.contains($0) ? values[$0] / max(counts[$0], 1) : values[$0] })
    var larger = Array(values.reversed())
    takeLarger(values, in: span, into: &larger)
    #expect(
      larger
        == values.indices.map { span.contains($0) ? max(values[$0], values.reversed()[$0]) : values.reversed()[$0] })
  }

  @Test(arguments: spans)
  func bitsAreSetAndNoneIsCleared(span: Range<Int>) {
    let values = logits(span)
    var words: [UInt64] = [1, 0, 0]
    setBits(&words, where: values, exceeds: 0.5, in: span)
    let bits = (0..<Self.count).map { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
    #expect(bits == (0..<Self.count).map { $0 == 0 || (span.contains($0) && values[$0] > 0.5) })
  }

  @Test func extremeLogitsHaveTheirLimits() {
    var values: [Float] = [-.infinity, -200, -90, -20, 0, 20, 90, 200, .infinity]
    let expected = values.map(Scalar.logistic)
    logistic(&values, in: 0..<values.count)
    expectClose(values, expected, absolute: 1e-6)
  }
}

import Foundation
import TensorCore
import TensorKernels
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct SoftmaxTests {
  /// Rows, columns, gap.
  static let shapes = [
    [1, 1, 0], [3, 2, 1], [2, 7, 0], [4, 8, 2], [5, 9, 0], [40, 21, 3], [3, 1000, 0], [900, 17, 1],
  ]

  @Test(arguments: shapes, [1, 30, 1000] as [Float]) func agreesWithScalar(_ shape: [Int], _ spread: Float) {
    var random = SeededGenerator(shape[0] + shape[1])
    let x = random.floats(shape[0] * shape[1], in: -spread...spread)
    let expected = Scalar.softmaxRows(x, columns: shape[1])
    withExecutions { context in
      let values = GuardedMatrix(rows: shape[0], columns: shape[1], gap: shape[2], values: x)
      softmaxRows(values.view, context.instructions)
      expectClose(values.values, expected, shape: [shape[0], shape[1]], absolute: 1e-6, relative: 2e-6)
      values.expectGuardsIntact()
    }
  }

  @Test func survivesInfinities() {
    let x: [Float] = [-.infinity, 0, -.infinity, 3e38, -.infinity, -3e38, -.infinity, -.infinity, -.infinity]
    let values = GuardedMatrix(rows: 3, columns: 3, values: x)
    softmaxRows(values.view, .best)
    expectClose(values.values, [0, 1, 0, 1, 0, 0, .nan, .nan, .nan], absolute: 0, relative: 0)
  }

  @Test(arguments: InstructionSet.available) func logisticIsAccurate(_ instructions: InstructionSet) {
    let x = (0..<4001).map { Float($0 - 2000) / 100 }
    var values = x
    logistic(&values, in: 0..<values.count, instructions)
    expectClose(values, x.map(Scalar.logistic), absolute: 0, relative: 5e-7)
  }

  @Test(arguments: InstructionSet.available) func logisticSaturates(_ instructions: InstructionSet) {
    var values: [Float] = [-.infinity, -100, 100, .infinity, .nan]
    logistic(&values, in: 0..<values.count, instructions)
    expectClose(values, [0, 0, 1, 1, .nan], absolute: 1e-37, relative: 0)
  }

  /// The exponential, through softmax's eyes: e^x / (1 + e^x) of two columns, over the whole range.
  @Test func exponentialIsAccurate() {
    let x = (0..<80_000).map { Float($0) * -87 / 80_000 }
    let values = GuardedMatrix(rows: x.count, columns: 2, values: x.flatMap { [$0, 0] })
    softmaxRows(values.view, .best)
    let expected = x.map { Float(exp(Double($0)) / (1 + exp(Double($0)))) }
    expectClose(x.indices.map { values.view.row($0)[0] }, expected, absolute: 0, relative: 4e-7)
  }
}

/// Softmax of each row, as attention takes it from the kernel.
func softmaxRows(_ x: Matrix, _ instructions: InstructionSet) {
  for row in 0..<x.rows {
    let values = UnsafeMutableBufferPointer(start: x.row(row), count: x.columns)
    let sum = exponentiate(
      x.row(row), count: x.columns, subtracting: values.max() ?? -.infinity, instructions)
    for index in values.indices { values[index] /= sum }
  }
}

import TensorCore
import TensorKernels
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct NormTests {
  /// Rows, columns, gap.
  static let shapes = [
    [1, 1, 0], [1, 7, 0], [3, 8, 1], [5, 15, 0], [2, 16, 4], [9, 17, 3], [40, 64, 0], [300, 256, 8], [1000, 36, 0],
  ]

  @Test(arguments: shapes) func layerNormAgreesWithScalar(_ shape: [Int]) {
    let (rows, columns, gap) = (shape[0], shape[1], shape[2])
    var random = SeededGenerator(rows + columns)
    let (x, residual) = (random.floats(rows * columns, in: -3...5), random.floats(rows * columns))
    let (weight, bias) = (random.floats(columns), random.floats(columns))
    let norm = LayerNorm(weight: Constant(weight), bias: Constant(bias))
    let added = GuardedMatrix(rows: rows, columns: columns, gap: gap, values: residual)
    for hasResidual in [false, true] {
      let sum = Scalar.finish(x, residual: hasResidual ? residual : nil, relu: false)
      let expected = Scalar.layerNorm(sum, weight: weight, bias: bias, epsilon: 1e-5)
      withExecutions { context in
        let input = GuardedMatrix(rows: rows, columns: columns, gap: gap, values: x)
        let output = GuardedMatrix(rows: rows, columns: columns, gap: gap + 1)
        for target in [output, input] {
          norm(input.view, residual: hasResidual ? added.view : nil, into: target.view, context)
          expectClose(target.values, expected, shape: [rows, columns], "in place: \(target === input)")
          target.expectGuardsIntact()
        }
      }
    }
  }

  @Test(arguments: shapes, [1, 4]) func groupNormAgreesWithScalar(_ shape: [Int], _ groupSize: Int) {
    let (rows, columns, gap) = (shape[0], roundedUp(shape[1], to: groupSize), shape[2])
    var random = SeededGenerator(rows + columns)
    let x = random.floats(rows * columns, in: -3...5)
    let (weight, bias) = (random.floats(columns), random.floats(columns))
    let norm = GroupNorm(groups: columns / groupSize, weight: Constant(weight), bias: Constant(bias))
    for relu in [false, true] {
      let expected = Scalar.groupNorm(
        x, groups: columns / groupSize, weight: weight, bias: bias, epsilon: 1e-5, relu: relu)
      withExecutions { context in
        let input = GuardedMatrix(rows: rows, columns: columns, gap: gap, values: x)
        let output = GuardedMatrix(rows: rows, columns: columns, gap: gap + 1)
        for target in [output, input] {
          // A group of one or two values may have no variance to speak of: its scale is up to 1 / √ε.
          norm(input.view, into: target.view, activation: relu ? .relu : .none, context)
          expectClose(target.values, expected, shape: [rows, columns], absolute: 5e-5, "in place: \(target === input)")
          target.expectGuardsIntact()
        }
      }
    }
  }

  /// Where the difference of two large sums would lose the variance.
  @Test func groupNormBearsALargeMean() {
    var random = SeededGenerator(6)
    let x = random.floats(1000 * 36, in: 99...101)
    let input = GuardedMatrix(rows: 1000, columns: 36, values: x)
    let (weight, bias) = (random.floats(36), random.floats(36))
    let norm = GroupNorm(groups: 12, weight: Constant(weight), bias: Constant(bias))
    let expected = Scalar.groupNorm(x, groups: 12, weight: weight, bias: bias, epsilon: 1e-5, relu: false)
    withExecutions { context in
      let output = GuardedMatrix(rows: 1000, columns: 36)
      norm(input.view, into: output.view, context)
      // One unit in the last place of 100 is 1.3e-5 of the deviation.
      expectClose(output.values, expected, shape: [1000, 36], absolute: 1e-4)
    }
  }

  @Test func groupNormIsTheSameOnAnyNumberOfThreads() {
    var random = SeededGenerator(5)
    let input = GuardedMatrix(rows: 2000, columns: 64, values: random.floats(2000 * 64))
    let norm = GroupNorm(
      groups: 8, weight: Constant(random.floats(64)), bias: Constant(random.floats(64)))
    var results: [[Float]] = []
    withExecutions { context in
      let output = GuardedMatrix(rows: 2000, columns: 64)
      norm(input.view, into: output.view, context)
      results.append(output.values)
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  private func roundedUp(_ value: Int, to step: Int) -> Int { (value + step - 1) / step * step }
}

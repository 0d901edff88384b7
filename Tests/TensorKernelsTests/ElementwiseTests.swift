import TensorCore
import TensorKernels
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ElementwiseTests {
  /// Rows, columns, gap.
  static let shapes = [[1, 1, 0], [0, 4, 0], [3, 7, 1], [2, 8, 0], [6, 9, 3], [70, 33, 0], [400, 100, 2]]

  @Test(arguments: shapes) func adds(_ shape: [Int]) {
    var random = SeededGenerator(shape[1])
    let (a, b) = (random.floats(shape[0] * shape[1]), random.floats(shape[0] * shape[1]))
    withExecutions { context in
      let left = GuardedMatrix(rows: shape[0], columns: shape[1], gap: shape[2], values: a)
      let right = GuardedMatrix(rows: shape[0], columns: shape[1], gap: shape[2] + 1, values: b)
      let sum = GuardedMatrix(rows: shape[0], columns: shape[1], gap: shape[2])
      for target in [sum, left] {
        add(left.view, right.view, into: target.view, pool: context.pool)
        expectClose(target.values, zip(a, b).map(+), absolute: 0, relative: 0)
        target.expectGuardsIntact()
      }
    }
  }

  @Test(arguments: shapes) func addsARow(_ shape: [Int]) {
    var random = SeededGenerator(shape[1])
    let (x, row) = (random.floats(shape[0] * shape[1]), random.floats(shape[1]))
    let expected = x.enumerated().map { $1 + row[$0 % shape[1]] }
    let constant = Constant(row)
    withExecutions { context in
      let input = GuardedMatrix(rows: shape[0], columns: shape[1], gap: shape[2], values: x)
      let output = GuardedMatrix(rows: shape[0], columns: shape[1], gap: shape[2] + 1)
      for target in [output, input] {
        addRow(Matrix(constant, rows: 1, columns: row.count), to: input.view, into: target.view, pool: context.pool)
        expectClose(target.values, expected, absolute: 0, relative: 0)
        target.expectGuardsIntact()
      }
    }
  }
}

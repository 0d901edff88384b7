import TensorCore
import TensorKernels
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct MatrixProductTests {
  /// Rows, depth, columns, gap.
  static let shapes = [
    [1, 1, 1, 0], [1, 5, 300, 2], [300, 5, 1, 2], [7, 16, 9, 0], [8, 17, 33, 3], [100, 32, 2100, 0], [1500, 8, 40, 5],
    [3, 0, 4, 1], [0, 3, 4, 1], [4, 3, 0, 1],
  ]

  @Test(arguments: shapes, [false, true]) func agreesWithScalar(_ shape: [Int], _ transposeB: Bool) {
    let (rows, depth, columns, gap) = (shape[0], shape[1], shape[2], shape[3])
    var random = SeededGenerator(rows + columns)
    let (a, b) = (random.floats(rows * depth), random.floats(depth * columns))
    let left = GuardedMatrix(rows: rows, columns: depth, gap: gap, values: a)
    let right = GuardedMatrix(
      rows: transposeB ? columns : depth, columns: transposeB ? depth : columns, gap: gap, values: b)
    let expected = Scalar.matrixProduct(a, b, rows: rows, depth: depth, columns: columns, transposeB: transposeB)
    withExecutions { context in
      let c = GuardedMatrix(rows: rows, columns: columns, gap: gap)
      matrixProduct(left.view, right.view, transposeB: transposeB, into: c.view, context)
      expectClose(c.values, expected, shape: [rows, columns], absolute: 2e-5)
      c.expectGuardsIntact()
    }
  }
}

import TensorCore
import TensorKernels
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct DeformableAttentionTests {
  struct Shape: Sendable, CustomStringConvertible {
    var levels: [[Int]]
    var heads: Int
    var width: Int
    var points: Int
    var gap = 0
    var description: String { "levels \(levels), \(heads) heads of \(width) channels, \(points) points, gap \(gap)" }
  }

  static let shapes = [
    Shape(levels: [[1, 1]], heads: 1, width: 1, points: 1),
    Shape(levels: [[1, 9], [3, 1]], heads: 2, width: 3, points: 2, gap: 1),
    Shape(levels: [[2, 3], [4, 6], [8, 12]], heads: 8, width: 8, points: 4),
    Shape(levels: [[3, 5], [6, 10], [12, 20]], heads: 4, width: 32, points: 4, gap: 4),
    Shape(levels: [[5, 4], [10, 7]], heads: 2, width: 16, points: 3),
    Shape(levels: [[4, 4]], heads: 3, width: 45, points: 5, gap: 2),
    Shape(levels: [[2, 2], [3, 3], [4, 4], [5, 5]], heads: 1, width: 64, points: 9),
  ]

  /// Offsets reach from within the pixel to far outside of every level.
  @Test(arguments: shapes, [0.4, 3, 40] as [Float]) func agreesWithScalar(_ shape: Shape, _ reach: Float) {
    var random = SeededGenerator(shape.width + shape.points)
    let samples = shape.levels.count * shape.points
    let pixels = shape.levels.reduce(0) { $0 + $1[0] * $1[1] }
    let channels = shape.heads * shape.width
    let value = random.floats(pixels * channels)
    let offsets = random.floats(pixels * shape.heads * samples * 2, in: -reach...reach)
    let logits = random.floats(pixels * shape.heads * samples, in: -4...4)
    let expected = Scalar.deformableAttention(
      value: value, levels: shape.levels.map { ($0[0], $0[1]) }, offsets: offsets, logits: logits, channels: channels,
      heads: shape.heads, points: shape.points)
    let gap = shape.gap
    let v = GuardedMatrix(rows: pixels, columns: channels, gap: gap, values: value)
    let o = GuardedMatrix(rows: pixels, columns: shape.heads * samples * 2, gap: gap * 3, values: offsets)
    let l = GuardedMatrix(rows: pixels, columns: shape.heads * samples, gap: gap, values: logits)
    withExecutions { context in
      let output = GuardedMatrix(rows: pixels, columns: channels, gap: gap)
      deformableAttention(
        value: v.view, levels: shape.levels.map { LevelShape(height: $0[0], width: $0[1]) }, offsets: o.view,
        logits: l.view, heads: shape.heads, points: shape.points, into: output.view, context)
      // A bilinear sample changes by no more than the coordinate's rounding times the step between pixels.
      expectClose(output.values, expected, shape: [pixels, channels], absolute: 5e-6 * max(reach, 1))
      output.expectGuardsIntact()
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, 1e30, -1e30, 9e18]) func survivesWildOffsets(_ offset: Float) {
    let value = GuardedMatrix(rows: 4, columns: 8, values: [Float](repeating: 1, count: 32))
    let offsets = GuardedMatrix(rows: 4, columns: 2, values: [Float](repeating: offset, count: 8))
    let logits = GuardedMatrix(rows: 4, columns: 1, values: [0, 0, 0, 0])
    let output = GuardedMatrix(rows: 4, columns: 8)
    deformableAttention(
      value: value.view, levels: [LevelShape(height: 2, width: 2)], offsets: offsets.view, logits: logits.view,
      heads: 1, points: 1, into: output.view, ExecutionContext(arena: Arena(), pool: WorkerPool(threads: 1)))
    #expect(output.values.allSatisfy { $0 == 0 })
  }
}

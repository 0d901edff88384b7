import TensorCore
import TensorKernels
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct AttentionTests {
  struct Shape: Sendable, CustomStringConvertible {
    var queries: Int
    var keys: Int
    var channels: Int
    var heads: Int
    var gap = 0
    var description: String { "\(queries) queries, \(keys) keys, \(heads) heads of \(channels) channels, gap \(gap)" }
  }

  static let shapes = [
    Shape(queries: 1, keys: 1, channels: 1, heads: 1), Shape(queries: 3, keys: 7, channels: 12, heads: 4, gap: 1),
    Shape(queries: 20, keys: 9, channels: 16, heads: 2), Shape(queries: 33, keys: 17, channels: 34, heads: 2, gap: 3),
    Shape(queries: 5, keys: 512, channels: 8, heads: 1), Shape(queries: 40, keys: 1100, channels: 24, heads: 3),
    Shape(queries: 2, keys: 1025, channels: 64, heads: 8, gap: 4),
  ]

  /// Share of keys that the mask hides; nil is no mask.
  @Test(arguments: shapes, [nil, 0, 0.5, 0.999] as [Double?]) func agreesWithScalar(_ shape: Shape, _ hidden: Double?) {
    var random = SeededGenerator(shape.queries + shape.keys)
    let queries = random.floats(shape.queries * shape.channels, in: -3...3)
    let keys = random.floats(shape.keys * shape.channels, in: -3...3)
    let values = random.floats(shape.keys * shape.channels)
    let mask = hidden.map { random.bools(shape.queries * shape.keys, probability: $0) }
    let expected = Scalar.attention(
      queries: queries, keys: keys, values: values, channels: shape.channels, heads: shape.heads, mask: mask)
    expect(shape, queries, keys, values, mask, expected)
  }

  @Test func hidesNothingFromAQueryFromWhichAllIsHidden() {
    let shape = Shape(queries: 4, keys: 600, channels: 8, heads: 2)
    var random = SeededGenerator(9)
    let queries = random.floats(shape.queries * shape.channels)
    let keys = random.floats(shape.keys * shape.channels)
    let values = random.floats(shape.keys * shape.channels)
    // The first sees nothing, so everything; the second the last key only; the third the first; the fourth all.
    var mask = [Bool](repeating: true, count: shape.queries * shape.keys)
    mask[2 * shape.keys - 1] = false
    mask[2 * shape.keys] = false
    for key in 0..<shape.keys { mask[3 * shape.keys + key] = false }
    var expected = Scalar.attention(
      queries: queries, keys: keys, values: values, channels: shape.channels, heads: shape.heads, mask: nil)
    expected.replaceSubrange(8..<16, with: values.suffix(8))
    expected.replaceSubrange(16..<24, with: values.prefix(8))
    expect(shape, queries, keys, values, mask, expected)
  }

  @Test func survivesLargeScores() {
    let shape = Shape(queries: 1, keys: 1000, channels: 1, heads: 1)
    let keys = (0..<shape.keys).map { Float($0) }
    expect(shape, [3e6], keys, keys, nil, [999])
    expect(shape, [-3e6], keys, keys, nil, [0])
  }

  private func expect(
    _ shape: Shape, _ queries: [Float], _ keys: [Float], _ values: [Float], _ mask: [Bool]?, _ expected: [Float],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let (channels, gap) = (shape.channels, shape.gap)
    let q = GuardedMatrix(rows: shape.queries, columns: channels, gap: gap, values: queries)
    let k = GuardedMatrix(rows: shape.keys, columns: channels, gap: gap * 2, values: keys)
    let v = GuardedMatrix(rows: shape.keys, columns: channels, gap: gap, values: values)
    withExecutions { context in
      let output = GuardedMatrix(rows: shape.queries, columns: channels, gap: gap)
      func run(_ mask: UnsafePointer<Bool>?) {
        attention(
          queries: q.view, keys: k.view, values: v.view, heads: shape.heads, mask: mask, into: output.view, context)
      }
      if let mask { mask.withUnsafeBufferPointer { run($0.baseAddress) } } else { run(nil) }
      expectClose(
        output.values, expected, shape: [shape.queries, channels], absolute: 2e-6, sourceLocation: sourceLocation)
      output.expectGuardsIntact(sourceLocation: sourceLocation)
    }
  }
}

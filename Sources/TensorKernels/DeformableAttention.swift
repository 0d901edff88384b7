package import TensorCore

/// Multi-scale deformable attention between its projections (Deformable DETR, arXiv 2010.04159, equation 3), for
/// queries that are the pixels of the pyramid themselves.
///
/// Each query and head samples `points` places on every level, bilinearly, with zeros outside and pixel centres at
/// half-integers, and sums the samples by the softmax of their logits. A place is the centre of the query's own pixel,
/// carried over to the level, plus an offset in that level's pixels.
///
/// With S the pixels of all levels one after another and E = heads · d: value (S, E); offsets
/// (S, heads · levels · points · 2), innermost x and y; logits (S, heads · levels · points); output (S, E), overlapping
/// none of them.
package func deformableAttention(
  value: Matrix, levels: [LevelShape], offsets: Matrix, logits: Matrix, heads: Int, points: Int, into output: Matrix,
  _ execution: Execution
) {
  precondition(heads > 0 && points > 0 && value.columns % heads == 0)
  precondition(levels.reduce(0) { $0 + $1.count } == value.rows)
  let samples = levels.count * points
  assert(offsets.rows == value.rows && offsets.columns == heads * samples * 2)
  assert(logits.rows == value.rows && logits.columns == heads * samples)
  assert(output.rows == value.rows && output.columns == value.columns)
  let scratch = execution.scratch(perThread: DeformableSampler.scratchSize(samples: samples))
  let buffers = scratch.matrix
  levels.withUnsafeBufferPointer { levels in
    execution.pool.forEachRange(value.rows, grain: 32) { queries, thread in
      let sampler = DeformableSampler(
        value: value, levels: levels, heads: heads, points: points, scratch: buffers.row(thread))
      var pixel = PyramidPixel(queries.lowerBound, levels)
      for query in queries {
        sampler.attend(
          from: pixel.center(levels), offsets: offsets.row(query), logits: logits.row(query), into: output.row(query))
        pixel.advance(levels)
      }
    }
  }
}

/// A pixel of a pyramid, found by its place in the row of all levels' pixels.
private struct PyramidPixel {
  private var level = 0
  private var y = 0
  private var x = 0

  init(_ index: Int, _ levels: UnsafeBufferPointer<LevelShape>) {
    var rest = index
    while level < levels.count, rest >= levels[level].count {
      rest -= levels[level].count
      level += 1
    }
    guard level < levels.count else { return }
    (y, x) = (rest / levels[level].width, rest % levels[level].width)
  }

  /// The pixel's centre, both axes in 0...1 of the level.
  func center(_ levels: UnsafeBufferPointer<LevelShape>) -> (x: Float, y: Float) {
    let shape = levels[level]
    return ((Float(x) + 0.5) / Float(shape.width), (Float(y) + 0.5) / Float(shape.height))
  }

  mutating func advance(_ levels: UnsafeBufferPointer<LevelShape>) {
    x += 1
    guard x == levels[level].width else { return }
    (x, y) = (0, y + 1)
    guard y == levels[level].height else { return }
    y = 0
    repeat { level += 1 } while level < levels.count && levels[level].count == 0
  }
}

package import TensorCore
import TensorKernelBodies

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
  precondition(levels.reduce(0) { $0 + $1.count } == value.rows && value.rows < DeformableSampler.mostPixels)
  let samples = levels.count * points
  assert(offsets.rows == value.rows && offsets.columns == heads * samples * 2)
  assert(logits.rows == value.rows && logits.columns == heads * samples)
  assert(output.rows == value.rows && output.columns == value.columns)
  let width = value.columns / heads
  let byHead = execution.arena.matrix(rows: heads * value.rows, columns: width)
  let scratch = execution.scratch(perThread: DeformableSampler.scratchSize(samples: samples))
  let (pixels, buffers) = (byHead.matrix, scratch.matrix)
  separateHeads(value, into: pixels, pool: execution.pool)
  let attend = execution.instructions.kernels.deformableAttention
  levels.withUnsafeBufferPointer { levels in
    let blocks = (value.rows + queriesAtOnce - 1) / queriesAtOnce
    execution.pool.forEach(blocks) { block, thread in
      let sampler = DeformableSampler(
        value: pixels.floatRows, width: width, pixels: value.rows, heads: heads, levels: levels, points: points,
        offsets: offsets.floatRows, logits: logits.floatRows, output: output.floatRows, scratch: buffers.row(thread))
      attend(sampler, block * queriesAtOnce..<min((block + 1) * queriesAtOnce, value.rows))
    }
  }
}

/// Copies (pixels, heads · channels) to (heads · pixels, channels).
///
/// A head's pixels then lie side by side. A whole token apart, which is a power of two as a rule, they would share an
/// eighth of the cache's sets.
private func separateHeads(_ value: Matrix, into target: Matrix, pool: WorkerPool) {
  pool.forEachRange(value.rows, grain: rowGrain(columns: value.columns)) { rows, _ in
    for row in rows {
      for head in 0..<target.rows / value.rows {
        target.row(head * value.rows + row).update(
          from: value.row(row) + head * target.columns, count: target.columns)
      }
    }
  }
}

/// Neighbours sample much the same pixels, of which one head's channels fit L1: head by head for so many queries.
private let queriesAtOnce = 64

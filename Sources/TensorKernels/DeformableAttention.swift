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
  _ context: ExecutionContext
) {
  precondition(heads > 0 && points > 0 && value.columns % heads == 0)
  precondition(levels.reduce(0) { $0 + $1.count } == value.rows && value.rows < DeformableSampler.mostPixels)
  let samples = levels.count * points
  assert(offsets.rows == value.rows && offsets.columns == heads * samples * 2)
  assert(logits.rows == value.rows && logits.columns == heads * samples)
  assert(output.rows == value.rows && output.columns == value.columns)
  let byHead = context.arena.matrix(rows: heads * value.rows, columns: value.columns / heads)
  let pyramid = SampledPyramid(byHead.matrix, levels, heads: heads, points: points, context.instructions)
  var layout = ScratchLayout()
  let sampler = pyramid.addScratch(to: &layout)
  let scratch = context.scratch(layout)
  context.pool.forEachRange(value.rows, grain: rowGrain(columns: value.columns), sharing: (pyramid, value)) {
    rows, _, shared in
    let (pyramid, value) = shared
    pyramid.store(value.rows(rows), at: rows)
  }
  let blocks = (value.rows + queriesAtOnce - 1) / queriesAtOnce
  context.pool.forEach(blocks, sharing: (pyramid, offsets, logits, output, sampler, scratch.threads)) {
    block, thread, shared in
    let (pyramid, offsets, logits, output, sampler, threads) = shared
    let queries = block * queriesAtOnce..<min((block + 1) * queriesAtOnce, output.rows)
    pyramid.sample(
      queries, offsets: offsets.rows(queries), logits: logits.rows(queries), into: output.rows(queries),
      scratch: sampler.memory(in: threads[thread]))
  }
}

/// Neighbours sample much the same pixels, of which one head's channels fit L1: head by head for so many queries.
private let queriesAtOnce = 64

/// The values of a pyramid's pixels, from which blocks of queries sample.
///
/// They lie head by head, (heads · pixels, channels of a head): a head's pixels side by side. A whole token apart, which
/// is a power of two as a rule, they would share an eighth of the cache's sets.
struct SampledPyramid: Sendable {
  private let values: Matrix
  private let levels: [LevelShape]
  private let heads: Int
  private let points: Int
  private let attend: @Sendable (_ sampler: DeformableSampler, _ queries: Range<Int>) -> Void

  /// - Parameter values: Uninitialized, axes (heads · pixels, channels of a head).
  init(_ values: Matrix, _ levels: [LevelShape], heads: Int, points: Int, _ instructions: InstructionSet) {
    self.values = values
    self.levels = levels
    self.heads = heads
    self.points = points
    attend = instructions.kernels.deformableAttention
  }

  private var pixels: Int { values.rows / heads }

  /// Adds what `sample` needs to a thread's scratch memory.
  func addScratch(to layout: inout ScratchLayout) -> SamplerWorkspace {
    SamplerWorkspace(slots: DeformableSampler.slots(levels.count * points), &layout)
  }

  /// Stores the values of some pixels, axes (pixels, heads · channels).
  func store(_ rows: Matrix, at range: Range<Int>) {
    for row in 0..<rows.rows {
      for head in 0..<heads {
        values.row(head * pixels + range.lowerBound + row).update(
          from: rows.row(row) + head * values.columns, count: values.columns)
      }
    }
  }

  /// Samples for some queries; each matrix has a row for each of them.
  func sample(
    _ queries: Range<Int>, offsets: Matrix, logits: Matrix, into output: Matrix, scratch: DeformableSampler.Scratch
  ) {
    let first = queries.lowerBound
    levels.withUnsafeBufferPointer { levels in
      let sampler = DeformableSampler(
        value: values.floatRows(from: 0), width: values.columns, pixels: pixels, heads: heads, levels: levels,
        points: points, offsets: offsets.floatRows(from: first), logits: logits.floatRows(from: first),
        output: output.floatRows(from: first), scratch: scratch)
      attend(sampler, queries)
    }
  }
}

/// Layout of a sampler's scratch memory.
struct SamplerWorkspace: Sendable {
  private let powers: ScratchLayout.Part<Float>
  private let weights: ScratchLayout.Part<Float>
  private let rows: ScratchLayout.Part<Int32>

  fileprivate init(slots: Int, _ layout: inout ScratchLayout) {
    powers = layout.add(Float.self, count: slots)
    weights = layout.add(Float.self, count: 4 * slots)
    rows = layout.add(Int32.self, count: 4 * slots)
  }

  func memory(in scratch: ThreadScratch) -> DeformableSampler.Scratch {
    DeformableSampler.Scratch(powers: scratch[powers], weights: scratch[weights], rows: scratch[rows])
  }
}

extension Matrix {
  /// Rows of which the first one has the given number.
  fileprivate func floatRows(from first: Int) -> FloatRows {
    FloatRows(base - first * rowStride, stride: rowStride)
  }
}

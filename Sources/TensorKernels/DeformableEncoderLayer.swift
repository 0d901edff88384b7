package import TensorCore
import TensorKernelBodies

/// One layer of the deformable transformer encoder (Zhu et al., arXiv 2010.04159, section 4.1; post-norm): multi-scale
/// deformable self-attention and a feed-forward network, each with a residual and a layer norm behind it.
///
/// When the values of all pixels are there, it goes block by block of queries through all the rest, so that offsets,
/// weights and samples never leave a core's cache.
package struct DeformableEncoderLayer: Sendable {
  let heads: Int
  let points: Int
  let samplingOffsets: Linear
  let attentionWeights: Linear
  let valueProjection: Linear
  let outputProjection: Linear
  let norm1: LayerNorm
  let feedForward: FeedForward

  private static let blockRows = 96

  /// - Parameters:
  ///   - heads: Number of attention heads.
  ///   - points: Points that a head samples on each level.
  ///   - samplingOffsets: (channels) → (heads, levels, points, x and y).
  ///   - attentionWeights: (channels) → (heads, levels, points), before the softmax.
  ///   - norm1: Layer norm after the attention.
  package init(
    heads: Int, points: Int, samplingOffsets: Linear, attentionWeights: Linear, valueProjection: Linear,
    outputProjection: Linear, norm1: LayerNorm, feedForward: FeedForward
  ) {
    self.heads = heads
    self.points = points
    self.samplingOffsets = samplingOffsets
    self.attentionWeights = attentionWeights
    self.valueProjection = valueProjection
    self.outputProjection = outputProjection
    self.norm1 = norm1
    self.feedForward = feedForward
  }

  /// Replaces the source tokens, (S, channels), by the layer's.
  ///
  /// - Parameters:
  ///   - position: Positional encoding, axes (S, channels), added to the queries.
  ///   - levels: Sizes of the pyramid's levels, whose pixels are the tokens in this order.
  package func callAsFunction(
    _ source: Matrix, position: Matrix, levels: [LevelShape], _ context: ExecutionContext
  ) {
    precondition(levels.reduce(0) { $0 + $1.count } == source.rows && source.rows < DeformableSampler.mostPixels)
    assert(position.rows == source.rows && samplingOffsets.outputs == heads * levels.count * points * 2)
    let byHead = context.arena.matrix(rows: heads * source.rows, columns: source.columns / heads)
    let pyramid = SampledPyramid(byHead.matrix, levels, heads: heads, points: points, context.instructions)
    // An observer is shown whole matrices.
    let blockRows = max(context.observer == nil ? min(Self.blockRows, source.rows) : source.rows, 1)
    let blocks = (source.rows + blockRows - 1) / blockRows
    let workspace = Workspace(self, rows: blockRows, samplerSize: pyramid.scratchSize)
    let scratch = context.scratch(perThread: workspace.size)
    let (buffers, instructions) = (scratch.matrix, context.instructions)
    context.forEachBlock(blocks) { block, thread, observed in
      let range = block * blockRows..<min((block + 1) * blockRows, source.rows)
      let values = Matrix(buffers.row(thread), rows: range.count, columns: source.columns)
      valueProjection.multiplyBlock(
        source.rows(range), into: values, scratch: buffers.row(thread) + workspace.quantized, observed: observed)
      pyramid.store(values, at: range)
    }
    context.forEachBlock(blocks) { block, thread, observed in
      let range = block * blockRows..<min((block + 1) * blockRows, source.rows)
      attend(
        source.rows(range), position.rows(range), range, pyramid,
        workspace.buffers(in: buffers.row(thread), rows: range.count),
        instructions, observed: observed)
      feedForward.callOnBlock(source.rows(range), buffers.row(thread), instructions, observed: observed)
    }
  }

  /// rows = norm(rows + attention(rows + position)).
  private func attend(
    _ rows: Matrix, _ position: Matrix, _ range: Range<Int>, _ pyramid: SampledPyramid, _ workspace: Workspace.Buffers,
    _ instructions: InstructionSet, observed: ExecutionContext?
  ) {
    for row in 0..<rows.rows {
      addRow(rows.row(row), position.row(row), into: workspace.queries.row(row), count: rows.columns)
    }
    samplingOffsets.multiplyBlock(
      workspace.queries, into: workspace.offsets, scratch: workspace.quantized, observed: observed)
    attentionWeights.multiplyBlock(
      workspace.queries, into: workspace.logits, scratch: workspace.quantized, observed: observed)
    // The queries are not needed any more: their memory takes the samples.
    pyramid.sample(
      range, offsets: workspace.offsets, logits: workspace.logits, into: workspace.queries, scratch: workspace.sampler)
    outputProjection.multiplyBlock(
      workspace.queries, into: rows, residual: rows, scratch: workspace.quantized, observed: observed)
    norm1.normalize(rows, instructions)
  }
}

/// Layout of a thread's scratch memory.
private struct Workspace {
  struct Buffers {
    let queries: Matrix
    let offsets: Matrix
    let logits: Matrix
    /// Quantized rows of a block.
    let quantized: UnsafeMutablePointer<Float>
    let sampler: UnsafeMutablePointer<Float>
  }

  private let channels: Int
  private let offsets: Int
  private let logits: Int
  /// Offset of the quantized rows.
  let quantized: Int
  private let sampler: Int
  /// Elements of all buffers.
  let size: Int

  init(_ layer: DeformableEncoderLayer, rows: Int, samplerSize: Int) {
    channels = layer.valueProjection.inputs
    offsets = layer.samplingOffsets.outputs
    logits = layer.attentionWeights.outputs
    quantized = roundUp(rows * (channels + offsets + logits), to: 16)
    sampler = quantized + Linear.scratchSize(rows: rows, inputs: channels)
    size = max(sampler + samplerSize, layer.feedForward.scratchSize(rows: rows))
  }

  func buffers(in base: UnsafeMutablePointer<Float>, rows: Int) -> Buffers {
    let queries = Matrix(base, rows: rows, columns: channels)
    let offsets = Matrix(base + rows * channels, rows: rows, columns: offsets)
    return Buffers(
      queries: queries, offsets: offsets,
      logits: Matrix(offsets.base + rows * offsets.columns, rows: rows, columns: logits), quantized: base + quantized,
      sampler: base + sampler)
  }
}

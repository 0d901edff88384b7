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
    let workspace = EncoderWorkspace(self, rows: blockRows, pyramid)
    let scratch = context.scratch(workspace.layout)
    context.pool.forEach(
      blocks, sharing: (self, source, blockRows, pyramid, workspace, scratch.threads, context.observed)
    ) { block, thread, shared in
      let (layer, source, blockRows, pyramid, workspace, threads, observed) = shared
      let tokens = source.block(block, rows: blockRows)
      let buffers = workspace.buffers(in: threads[thread], rows: tokens.rows)
      let values = buffers.queries
      layer.valueProjection.multiplyBlock(
        tokens, into: values, scratch: buffers.quantized, observed: observed?.context)
      pyramid.store(values, at: block * blockRows..<block * blockRows + tokens.rows)
    }
    context.pool.forEach(
      blocks,
      sharing: (
        self, source, position, blockRows, pyramid, workspace, scratch.threads, context.instructions,
        context.observed
      )
    ) { block, thread, shared in
      let (layer, source, position, blockRows, pyramid, workspace, threads, instructions, observed) = shared
      let tokens = source.block(block, rows: blockRows)
      layer.attend(
        tokens, position.block(block, rows: blockRows), block * blockRows..<block * blockRows + tokens.rows, pyramid,
        workspace.buffers(in: threads[thread], rows: tokens.rows), instructions, observed: observed?.context)
      layer.feedForward.callOnBlock(
        tokens, workspace.feedForward, threads[thread], instructions, observed: observed?.context)
    }
  }

  /// rows = norm(rows + attention(rows + position)).
  private func attend(
    _ rows: Matrix, _ position: Matrix, _ range: Range<Int>, _ pyramid: SampledPyramid,
    _ workspace: EncoderWorkspace.Buffers,
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

/// Layout of a thread's scratch memory. The attention and the feed-forward network of a block use it in turns.
private struct EncoderWorkspace: Sendable {
  struct Buffers {
    let queries: Matrix
    let offsets: Matrix
    let logits: Matrix
    /// Quantized rows of a block.
    let quantized: UnsafeMutablePointer<UInt8>
    let sampler: DeformableSampler.Scratch
  }

  private(set) var layout = ScratchLayout()
  let feedForward: FeedForward.Workspace
  private let channels: Int
  private let queries: ScratchLayout.Part<Float>
  private let offsets: ScratchLayout.Part<Float>
  private let logits: ScratchLayout.Part<Float>
  private let quantized: ScratchLayout.Part<UInt8>
  private let sampler: SamplerWorkspace
  private let offsetColumns: Int
  private let logitColumns: Int

  /// - Parameter rows: Number of rows of a block.
  init(_ layer: DeformableEncoderLayer, rows: Int, _ pyramid: SampledPyramid) {
    channels = layer.valueProjection.inputs
    offsetColumns = layer.samplingOffsets.outputs
    logitColumns = layer.attentionWeights.outputs
    queries = layout.add(Float.self, count: rows * channels)
    offsets = layout.add(Float.self, count: rows * offsetColumns)
    logits = layout.add(Float.self, count: rows * logitColumns)
    quantized = layout.add(UInt8.self, count: Linear.quantizedSize(rows: rows, inputs: channels))
    sampler = pyramid.addScratch(to: &layout)
    feedForward = layer.feedForward.workspace(rows: rows)
    layout.overlap(feedForward.layout)
  }

  func buffers(in scratch: ThreadScratch, rows: Int) -> Buffers {
    Buffers(
      queries: Matrix(scratch[queries], rows: rows, columns: channels),
      offsets: Matrix(scratch[offsets], rows: rows, columns: offsetColumns),
      logits: Matrix(scratch[logits], rows: rows, columns: logitColumns),
      quantized: scratch[quantized], sampler: sampler.memory(in: scratch))
  }
}

import TensorCore
import TensorKernels

/// The deformable transformer encoder over three levels (Zhu et al., arXiv 2010.04159, section 4.1), as Mask2Former
/// uses it: post-norm, no padding mask.
struct MSDeformAttnTransformerEncoder: Sendable {
  /// (levels, conv_dim): tells tokens of different levels apart.
  let levelEmbedding: Constant<Float>
  let layers: [MSDeformAttnTransformerEncoderLayer]

  init(_ configuration: Configuration.PixelDecoder, _ parameters: ParameterReader) throws {
    levelEmbedding = try parameters.constant(KeyMap.encoderLevelEmbedding)
    layers = try (0..<configuration.layers).map {
      try MSDeformAttnTransformerEncoderLayer(configuration, KeyMap.encoderLayer($0), parameters)
    }
  }

  /// - Parameter source: Tokens (S, conv_dim) of all levels, coarse to fine.
  /// - Returns: The encoded tokens, in the same order.
  func callAsFunction(_ source: consuming Tensor, _ levels: [LevelShape], _ execution: Execution) -> Tensor {
    let position = positions(levels, columns: source.channels, execution)
    for layer in layers { layer(source, position, levels, execution) }
    return source
  }

  /// Sine embedding of every token's place, plus its level's embedding: (S, conv_dim).
  private func positions(_ levels: [LevelShape], columns: Int, _ execution: Execution) -> Tensor {
    let position = execution.arena.matrix(rows: levels.reduce(0) { $0 + $1.count }, columns: columns)
    for (index, level) in levels.enumerated() {
      let tokens = levels.map(of: index, in: position).tokens
      sinePositionEmbedding(height: level.height, width: level.width, into: tokens)
      addRow(levelEmbedding.pointer + index * columns, to: tokens, into: tokens, pool: execution.pool)
    }
    return position
  }
}

/// Deformable self-attention and a feed-forward network, each with a residual and a layer norm behind it.
struct MSDeformAttnTransformerEncoderLayer: Sendable {
  let selfAttention: MSDeformAttn
  let norm1: LayerNorm
  let feedForward: FeedForward

  init(_ configuration: Configuration.PixelDecoder, _ name: String, _ parameters: ParameterReader) throws {
    selfAttention = try MSDeformAttn(heads: configuration.heads, "\(name).self_attn", parameters)
    norm1 = try parameters.layerNorm("\(name).norm1")
    feedForward = try parameters.feedForward(name, norm: parameters.layerNorm("\(name).norm2"))
  }

  /// Replaces the source tokens by the layer's.
  func callAsFunction(
    _ source: borrowing Tensor, _ position: borrowing Tensor, _ levels: [LevelShape], _ execution: Execution
  ) {
    selfAttention(source, position, levels, norm: norm1, execution)
    feedForward(source.matrix, execution)
  }
}

/// Multi-scale deformable attention (Zhu et al., arXiv 2010.04159, equation 3): every token looks at a few points of
/// every level, at offsets and with weights that it computes itself.
struct MSDeformAttn: Sendable {
  let heads: Int
  let samplingOffsets: Linear
  let attentionWeights: Linear
  let valueProjection: Linear
  let outputProjection: Linear

  init(heads: Int, _ name: String, _ parameters: ParameterReader) throws {
    self.heads = heads
    samplingOffsets = try parameters.linear("\(name).sampling_offsets")
    attentionWeights = try parameters.linear("\(name).attention_weights")
    valueProjection = try parameters.linear("\(name).value_proj")
    outputProjection = try parameters.linear("\(name).output_proj")
  }

  /// source = norm(source + attention(source + position)), (S, conv_dim).
  func callAsFunction(
    _ source: borrowing Tensor, _ position: borrowing Tensor, _ levels: [LevelShape], norm: LayerNorm,
    _ execution: Execution
  ) {
    let sampled = sample(source, position, levels, execution)
    outputProjection(
      sampled.matrix, into: source.matrix, residual: source.matrix, norm: norm, execution)
  }

  private func sample(
    _ source: borrowing Tensor, _ position: borrowing Tensor, _ levels: [LevelShape], _ execution: Execution
  ) -> Tensor {
    let sampled = sum(source, position, execution)
    let offsets = samplingOffsets(sampled, execution)
    let logits = attentionWeights(sampled, execution)
    let value = valueProjection(source, execution)
    // The queries are not needed any more: their memory takes the samples.
    deformableAttention(
      value: value.matrix, levels: levels, offsets: offsets.matrix, logits: logits.matrix, heads: heads,
      points: Configuration.PixelDecoder.points, into: sampled.matrix, execution)
    return sampled
  }
}

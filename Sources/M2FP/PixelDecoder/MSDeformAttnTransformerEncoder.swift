import TensorCore
import TensorKernels

/// The deformable transformer encoder over three levels (Zhu et al., arXiv 2010.04159, section 4.1), as Mask2Former
/// uses it: post-norm, no padding mask.
struct MSDeformAttnTransformerEncoder: Sendable {
  /// Level embedding, (levels, conv_dim).
  let levelEmbedding: Constant<Float>
  let layers: [DeformableEncoderLayer]

  init(
    _ configuration: Configuration.PixelDecoder, _ tokens: inout TensorDescription, _ builder: NetworkBuilder
  ) throws {
    levelEmbedding = try builder.constant("level_embed", [tokens.strides.count, tokens.channels])
    layers = try (0..<configuration.layers).map { index in
      try DeformableEncoderLayer(configuration, &tokens, builder.scope("encoder.layers.\(index)"))
    }
  }

  /// - Parameter source: Tokens (S, conv_dim) of all levels, coarse to fine.
  /// - Returns: The encoded tokens, in the same order.
  func callAsFunction(_ source: consuming Tensor<Float>, _ levels: [LevelShape], _ context: ExecutionContext) -> Tensor<
    Float
  > {
    let position = positions(levels, columns: source.channels, context)
    for layer in layers { layer(source.matrix, position: position.matrix, levels: levels, context) }
    return source
  }

  /// Sine positional embedding of every token plus its level embedding, (S, conv_dim).
  private func positions(_ levels: [LevelShape], columns: Int, _ context: ExecutionContext) -> Tensor<Float> {
    let position = context.arena.matrix(rows: levels.reduce(0) { $0 + $1.count }, columns: columns)
    let embeddings = Matrix(levelEmbedding, rows: levels.count, columns: columns)
    for (index, level) in levels.enumerated() {
      let tokens = levels.map(of: index, in: position).tokens
      sinePositionEmbedding(height: level.height, width: level.width, into: tokens)
      addRow(embeddings.rows(index..<index + 1), to: tokens, into: tokens, pool: context.pool)
    }
    return position
  }
}

extension DeformableEncoderLayer {
  /// `MSDeformAttnTransformerEncoderLayer`, as the reference calls it, with its `MSDeformAttn`.
  init(
    _ configuration: Configuration.PixelDecoder, _ tokens: inout TensorDescription, _ builder: NetworkBuilder
  ) throws {
    let (heads, channels) = (configuration.heads, tokens.channels)
    let points = Configuration.PixelDecoder.points
    let samples = tokens.strides.count * points
    let attention = builder.scope("self_attn")
    let query = attention.tensor("query", like: tokens)
    let samplingOffsets = try attention.linear("sampling_offsets", query, outputs: heads * samples * 2)
    let attentionWeights = try attention.linear("attention_weights", query, outputs: heads * samples)
    let valueProjection = try attention.linear("value_proj", tokens, outputs: channels)
    attention.deformableAttention(tokens, heads: heads, samples: samples)
    let outputProjection = try attention.linear(
      "output_proj", attention.tensor("samples", like: tokens), outputs: channels)
    let norm1 = try builder.layerNorm("norm1", &tokens)
    self.init(
      heads: heads, points: points, samplingOffsets: samplingOffsets, attentionWeights: attentionWeights,
      valueProjection: valueProjection, outputProjection: outputProjection, norm1: norm1,
      feedForward: try builder.feedForward(&tokens, hidden: configuration.feedForward))
  }
}

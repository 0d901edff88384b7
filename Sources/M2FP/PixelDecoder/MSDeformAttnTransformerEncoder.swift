import TensorCore
import TensorKernels

/// The deformable transformer encoder over three levels (Zhu et al., arXiv 2010.04159, section 4.1), as Mask2Former
/// uses it: post-norm, no padding mask.
struct MSDeformAttnTransformerEncoder: Sendable {
  /// (levels, conv_dim): tells tokens of different levels apart.
  let levelEmbedding: Constant<Float>
  let layers: [DeformableEncoderLayer]

  init(_ configuration: Configuration.PixelDecoder, _ parameters: ParameterReader) throws {
    levelEmbedding = try parameters.constant(KeyMap.encoderLevelEmbedding)
    layers = try (0..<configuration.layers).map {
      try DeformableEncoderLayer(configuration, KeyMap.encoderLayer($0), parameters)
    }
  }

  /// - Parameter source: Tokens (S, conv_dim) of all levels, coarse to fine.
  /// - Returns: The encoded tokens, in the same order.
  func callAsFunction(_ source: consuming Tensor, _ levels: [LevelShape], _ context: ExecutionContext) -> Tensor {
    let position = positions(levels, columns: source.channels, context)
    for layer in layers { layer(source.matrix, position: position.matrix, levels: levels, context) }
    return source
  }

  /// Sine embedding of every token's place, plus its level's embedding: (S, conv_dim).
  private func positions(_ levels: [LevelShape], columns: Int, _ context: ExecutionContext) -> Tensor {
    let position = context.arena.matrix(rows: levels.reduce(0) { $0 + $1.count }, columns: columns)
    for (index, level) in levels.enumerated() {
      let tokens = levels.map(of: index, in: position).tokens
      sinePositionEmbedding(height: level.height, width: level.width, into: tokens)
      addRow(levelEmbedding.pointer + index * columns, to: tokens, into: tokens, pool: context.pool)
    }
    return position
  }
}

extension DeformableEncoderLayer {
  /// Reads `MSDeformAttnTransformerEncoderLayer`, as the reference calls it, with its `MSDeformAttn`.
  init(_ configuration: Configuration.PixelDecoder, _ name: String, _ parameters: ParameterReader) throws {
    let attention = "\(name).self_attn"
    self.init(
      heads: configuration.heads, points: Configuration.PixelDecoder.points,
      samplingOffsets: try parameters.linear("\(attention).sampling_offsets"),
      attentionWeights: try parameters.linear("\(attention).attention_weights"),
      valueProjection: try parameters.linear("\(attention).value_proj"),
      outputProjection: try parameters.linear("\(attention).output_proj"),
      norm1: try parameters.layerNorm("\(name).norm1"),
      feedForward: try parameters.feedForward(name, norm: parameters.layerNorm("\(name).norm2")))
  }
}

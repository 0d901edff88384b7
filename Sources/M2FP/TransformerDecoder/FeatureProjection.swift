import TensorCore
import TensorKernels

/// Description of the features of one level, as the cross-attention reads them.
struct FeatureLevelDescription: Sendable {
  let keys: TensorDescription
  let values: TensorDescription
}

/// Makes `MultiScaleFeatures` of the pixel decoder's output: projects it and adds the level embedding.
struct FeatureProjection: Sendable {
  /// Level embedding, (3, hidden_dim).
  let levelEmbedding: Constant<Float>
  /// One 1 × 1 convolution per level; `nil` if the widths agree and the configuration does not ask for it.
  let inputProjections: [Convolution]?
  let hiddenDim: Int
  let levels: [FeatureLevelDescription]
  /// Quantization of the values and of the keys of each level; `nil` if the level is fp32.
  let valueQuantizations: [QuantizationParameters?]
  let keyQuantizations: [QuantizationParameters?]

  init(
    _ configuration: Configuration.TransformerDecoder, _ pixels: [TensorDescription], _ builder: NetworkBuilder
  ) throws {
    let dim = configuration.hiddenDim
    hiddenDim = dim
    levelEmbedding = try builder.constant("level_embed.weight", [pixels.count, dim])
    let projectsInput = configuration.enforceInputProject || pixels[0].channels != dim
    inputProjections =
      try projectsInput
      ? pixels.enumerated().map { index, level in
        var x = level
        return try builder.convolution("input_proj.\(index)", &x, outputs: dim)
      } : nil
    levels = pixels.enumerated().map { index, level in
      let memory = builder.scope("memory.\(index)")
      return FeatureLevelDescription(
        keys: memory.tensor("keys", channels: dim, level.rows),
        values: memory.tensor("values", channels: dim, level.rows))
    }
    valueQuantizations = levels.map { builder.quantization(of: $0.values) }
    keyQuantizations = levels.map { builder.quantization(of: $0.keys) }
  }

  /// Consumes the tokens, whose memory returns to the arena before the mask features are resized.
  func callAsFunction(
    _ tokens: consuming Tensor<Float>, _ levels: [LevelShape], maskFeatures pixels: borrowing Tensor<Float>,
    _ context: ExecutionContext
  ) -> MultiScaleFeatures {
    let values = MultiScaleTokens(levels, columns: hiddenDim, valueQuantizations, context)
    let keys = MultiScaleTokens(levels, columns: hiddenDim, keyQuantizations, context)
    for index in levels.indices {
      values.fill(index, context) { value in
        project(levels.map(of: index, in: tokens), index, into: value, context)
        keys.fill(index, context) { key in
          sinePositionEmbedding(height: key.height, width: key.width, into: key.tokens)
          add(key.tokens, value.tokens, into: key.tokens, pool: context.pool)
        }
      }
    }
    return MultiScaleFeatures(
      values: values, keys: keys, maskFeatures: maskFeatures(consume tokens, levels, pixels, context),
      levels: levels)
  }

  private func maskFeatures(
    _ tokens: consuming Tensor<Float>, _ levels: [LevelShape], _ pixels: borrowing Tensor<Float>,
    _ context: ExecutionContext
  ) -> Tensor<Float> {
    _ = consume tokens
    let count = levels.reduce(0) { $0 + $1.count }
    let maskFeatures = context.arena.matrix(rows: count, columns: pixels.channels)
    for index in levels.indices {
      bilinearResize(pixels.map, into: levels.map(of: index, in: maskFeatures), context)
    }
    return maskFeatures
  }

  /// Writes input_proj(x) + level_embed of one level.
  private func project(
    _ level: FeatureMap<Float>, _ index: Int, into value: FeatureMap<Float>, _ context: ExecutionContext
  ) {
    let embedding = Matrix(levelEmbedding, rows: levelEmbedding.count / hiddenDim, columns: hiddenDim)
      .rows(index..<index + 1)
    if let inputProjections {
      inputProjections[index](level, into: value, context)
      addRow(embedding, to: value.tokens, into: value.tokens, pool: context.pool)
    } else {
      addRow(embedding, to: level.tokens, into: value.tokens, pool: context.pool)
    }
  }
}

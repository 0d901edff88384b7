import TensorCore
import TensorKernels

/// What the decoder layers look at, computed once a picture: tokens of all levels, one after another, coarse to fine.
struct DecoderMemory: ~Copyable {
  /// (S, hidden_dim): tokens with their level's embedding, the input of the value projections.
  let values: Tensor
  /// (S, hidden_dim): `values` plus the sine embedding of their place, the input of the key projections.
  let keys: Tensor
  /// (S, mask_dim): the mask features at each level's size.
  ///
  /// The reference multiplies queries with full-size mask features and resizes the product. Resizing is linear and
  /// works on each channel alone, so it commutes with the product; done first, it is done once and on less.
  let maskFeatures: Tensor
  let levels: [LevelShape]

  /// Views of one level's rows; they must not outlive this value.
  func level(_ index: Int) -> MemoryLevel {
    MemoryLevel(
      values: levels.map(of: index, in: values).tokens, keys: levels.map(of: index, in: keys).tokens,
      maskFeatures: levels.map(of: index, in: maskFeatures).tokens)
  }
}

/// The rows of one level in a `DecoderMemory`.
struct MemoryLevel {
  let values: Matrix
  let keys: Matrix
  let maskFeatures: Matrix
}

/// Turns the pixel decoder's output into the decoder's memory.
struct MemoryProjection: Sendable {
  /// (3, hidden_dim): tells tokens of different levels apart.
  let levelEmbedding: Constant<Float>
  /// One 1 × 1 convolution a level, where the widths differ or the configuration asks for it.
  let inputProjections: [Convolution]?
  let hiddenDim: Int

  init(
    _ configuration: Configuration.TransformerDecoder, encoder: Configuration.PixelDecoder,
    _ parameters: ParameterReader
  ) throws {
    hiddenDim = configuration.hiddenDim
    levelEmbedding = try parameters.constant(KeyMap.levelEmbedding)
    inputProjections =
      configuration.projectsInput(from: encoder)
      ? try Configuration.transformerFeatures.indices.map {
        try parameters.convolution(KeyMap.decoderInputProjection($0))
      } : nil
  }

  func callAsFunction(_ pixels: borrowing PixelDecoderOutput, _ execution: Execution) -> DecoderMemory {
    let levels = pixels.levels
    let tokens = pixels.tokens.height
    let values = execution.arena.matrix(rows: tokens, columns: hiddenDim)
    let keys = execution.arena.matrix(rows: tokens, columns: hiddenDim)
    let maskFeatures = execution.arena.matrix(rows: tokens, columns: pixels.maskFeatures.channels)
    for index in levels.indices {
      let value = levels.map(of: index, in: values)
      project(pixels.level(index), index, into: value, execution)
      let key = levels.map(of: index, in: keys).tokens
      sinePositionEmbedding(height: value.height, width: value.width, into: key)
      add(key, value.tokens, into: key, pool: execution.pool)
      bilinearResize(pixels.maskFeatures.map, into: levels.map(of: index, in: maskFeatures), execution)
    }
    return DecoderMemory(values: values, keys: keys, maskFeatures: maskFeatures, levels: levels)
  }

  /// input_proj(x) + level_embed of one level.
  private func project(_ level: FeatureMap, _ index: Int, into value: FeatureMap, _ execution: Execution) {
    let embedding = levelEmbedding.pointer + index * hiddenDim
    if let inputProjections {
      inputProjections[index](level, into: value, execution)
      addRow(embedding, to: value.tokens, into: value.tokens, pool: execution.pool)
    } else {
      addRow(embedding, to: level.tokens, into: value.tokens, pool: execution.pool)
    }
  }
}

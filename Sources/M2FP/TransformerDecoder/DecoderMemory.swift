import TensorCore
import TensorKernels

/// What the decoder layers look at, computed once a picture: tokens of all levels, one after another, coarse to fine.
struct DecoderMemory: ~Copyable {
  /// (S, hidden_dim): tokens with their level's embedding, the input of the value projections.
  let values: MemoryTokens
  /// (S, hidden_dim): `values` plus the sine embedding of their place, the input of the key projections.
  let keys: MemoryTokens
  /// (S, mask_dim): the mask features at each level's size.
  ///
  /// The reference multiplies queries with full-size mask features and resizes the product. Resizing is linear and
  /// works on each channel alone, so it commutes with the product; done first, it is done once and on less.
  let maskFeatures: Tensor
  let levels: [LevelShape]

  /// Views of one level's rows; they must not outlive this value.
  func level(_ index: Int) -> MemoryLevel {
    MemoryLevel(
      values: values.level(index, levels), keys: keys.level(index, levels),
      maskFeatures: levels.map(of: index, in: maskFeatures).tokens)
  }
}

/// The rows of one level in a `DecoderMemory`.
struct MemoryLevel {
  let values: FeatureView
  let keys: FeatureView
  let maskFeatures: Matrix
}

/// Tokens of all levels, each level in floats or in bytes, as its readers want them.
struct MemoryTokens: ~Copyable {
  private let memory: Tensor
  /// Of each level; nil for floats.
  private let quantizations: [QuantizationParameters?]

  init(_ levels: [LevelShape], columns: Int, _ quantizations: [QuantizationParameters?], _ context: ExecutionContext) {
    // Each level begins where floats would be aligned to whole vectors.
    let floats = zip(levels, quantizations).reduce(0) { $0 + Self.size($1.0, columns, $1.1) }
    memory = context.arena.matrix(rows: floats / columns, columns: columns)
    self.quantizations = quantizations
  }

  /// Whole rows of floats that hold a level's tokens.
  private static func size(_ level: LevelShape, _ columns: Int, _ quantization: QuantizationParameters?) -> Int {
    (quantization == nil ? level.count : (level.count + 3) / 4) * columns
  }

  /// Must not outlive this value.
  func level(_ index: Int, _ levels: [LevelShape]) -> FeatureView {
    let columns = memory.channels
    let start = memory.map.base + (0..<index).reduce(0) { $0 + Self.size(levels[$1], columns, quantizations[$1]) }
    let (height, width) = (levels[index].height, levels[index].width)
    guard let quantization = quantizations[index] else {
      return .floats(FeatureMap(start, height: height, width: width, channels: columns))
    }
    let bytes = UnsafeMutableRawPointer(start).assumingMemoryBound(to: UInt8.self)
    return .bytes(ByteMap(bytes, height: height, width: width, channels: columns, quantization: quantization))
  }

  /// Hands out a level to be filled with floats, of which bytes are made where it wants those.
  func fill(_ index: Int, _ levels: [LevelShape], _ context: ExecutionContext, with body: (FeatureMap) -> Void) {
    switch level(index, levels) {
    case .floats(let map): body(map)
    case .bytes(let bytes):
      let floats = context.arena.tensor(height: bytes.height, width: bytes.width, channels: bytes.channels)
      body(floats.map)
      quantize(floats.map, into: bytes, context)
    }
  }
}

/// What the network's description says of one level of the decoder's memory.
struct MemoryDescription: Sendable {
  let keys: TensorDescription
  let values: TensorDescription
}

/// Turns the pixel decoder's output into the decoder's memory.
struct MemoryProjection: Sendable {
  /// (3, hidden_dim): tells tokens of different levels apart.
  let levelEmbedding: Constant<Float>
  /// One 1 × 1 convolution a level, where the widths differ or the configuration asks for it.
  let inputProjections: [Convolution]?
  let hiddenDim: Int
  let levels: [MemoryDescription]
  /// Quantization of the values and the keys of each level; `nil` for fp32.
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
      return MemoryDescription(
        keys: memory.tensor("keys", channels: dim, level.rows),
        values: memory.tensor("values", channels: dim, level.rows))
    }
    valueQuantizations = levels.map { builder.quantization(of: $0.values) }
    keyQuantizations = levels.map { builder.quantization(of: $0.keys) }
  }

  /// The tokens go back to their arena.
  func callAsFunction(
    _ tokens: consuming Tensor, _ levels: [LevelShape], maskFeatures pixels: borrowing Tensor,
    _ context: ExecutionContext
  ) -> DecoderMemory {
    let values = MemoryTokens(levels, columns: hiddenDim, valueQuantizations, context)
    let keys = MemoryTokens(levels, columns: hiddenDim, keyQuantizations, context)
    for index in levels.indices {
      values.fill(index, levels, context) { value in
        project(levels.map(of: index, in: tokens), index, into: value, context)
        keys.fill(index, levels, context) { key in
          sinePositionEmbedding(height: key.height, width: key.width, into: key.tokens)
          add(key.tokens, value.tokens, into: key.tokens, pool: context.pool)
        }
      }
    }
    return DecoderMemory(
      values: values, keys: keys, maskFeatures: maskFeatures(consume tokens, levels, pixels, context),
      levels: levels)
  }

  private func maskFeatures(
    _ tokens: consuming Tensor, _ levels: [LevelShape], _ pixels: borrowing Tensor, _ context: ExecutionContext
  ) -> Tensor {
    _ = consume tokens
    let count = levels.reduce(0) { $0 + $1.count }
    let maskFeatures = context.arena.matrix(rows: count, columns: pixels.channels)
    for index in levels.indices {
      bilinearResize(pixels.map, into: levels.map(of: index, in: maskFeatures), context)
    }
    return maskFeatures
  }

  /// input_proj(x) + level_embed of one level.
  private func project(_ level: FeatureMap, _ index: Int, into value: FeatureMap, _ context: ExecutionContext) {
    let embedding = levelEmbedding.pointer + index * hiddenDim
    if let inputProjections {
      inputProjections[index](level, into: value, context)
      addRow(embedding, to: value.tokens, into: value.tokens, pool: context.pool)
    } else {
      addRow(embedding, to: level.tokens, into: value.tokens, pool: context.pool)
    }
  }
}

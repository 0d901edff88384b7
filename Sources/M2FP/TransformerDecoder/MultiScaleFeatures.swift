import TensorCore
import TensorKernels

/// The multi-scale image features that the decoder layers attend to, computed once per image.
///
/// The tokens of all levels are stored one level after another, coarse to fine; S is their number.
struct MultiScaleFeatures: ~Copyable {
  /// Input of the value projections, (S, hidden_dim): features plus level embedding.
  let values: MultiScaleTokens
  /// Input of the key projections, (S, hidden_dim): `values` plus the sine positional embedding.
  let keys: MultiScaleTokens
  /// Mask features at the size of each level, (S, mask_dim).
  ///
  /// The reference multiplies the queries with full-size mask features and resizes the product in every layer. Resizing
  /// is linear and works on each channel alone, so it commutes with the product: resizing the features first takes one
  /// resize per level, and a smaller product.
  let maskFeatures: Tensor<Float>
  let levels: [LevelShape]

  /// Views of the rows of one level, which must not outlive this value.
  func level(_ index: Int) -> FeatureLevel {
    FeatureLevel(
      values: values.level(index), keys: keys.level(index),
      maskFeatures: levels.map(of: index, in: maskFeatures).tokens)
  }
}

/// One level of `MultiScaleFeatures`.
struct FeatureLevel {
  let values: FeatureView
  let keys: FeatureView
  let maskFeatures: Matrix
}

/// Tokens of all levels; each level is stored in fp32 or in int8, as the layers that read it need it.
struct MultiScaleTokens: ~Copyable {
  private let memory: ArenaMemory
  private let levels: [LevelShape]
  private let columns: Int
  /// Quantization of each level; `nil` if the level is fp32.
  private let quantizations: [QuantizationParameters?]

  /// - Parameter quantizations: Quantization of each level; `nil` if the level is fp32.
  init(_ levels: [LevelShape], columns: Int, _ quantizations: [QuantizationParameters?], _ context: ExecutionContext) {
    self.levels = levels
    self.columns = columns
    self.quantizations = quantizations
    let byteCount = levels.indices.reduce(0) { start, index in
      start + Self.byteCount(levels[index], columns: columns, quantizations[index])
    }
    memory = context.arena.memory(byteCount: byteCount)
  }

  /// Size of a level, of which each starts at a multiple of 64 bytes.
  private static func byteCount(_ level: LevelShape, columns: Int, _ quantization: QuantizationParameters?) -> Int {
    let bytes = level.count * columns * (quantization == nil ? MemoryLayout<Float>.stride : 1)
    return (bytes + 63) / 64 * 64
  }

  /// View of one level, which must not outlive this value.
  func level(_ index: Int) -> FeatureView {
    var start = memory.pointer
    for coarser in 0..<index { start += Self.byteCount(levels[coarser], columns: columns, quantizations[coarser]) }
    let (height, width) = (levels[index].height, levels[index].width)
    let count = levels[index].count * columns
    guard let quantization = quantizations[index] else {
      let floats = start.bindMemory(to: Float.self, capacity: count)
      return .floats(FeatureMap(floats, height: height, width: width, channels: columns))
    }
    let bytes = start.bindMemory(to: UInt8.self, capacity: count)
    return .bytes(FeatureMap(bytes, height: height, width: width, channels: columns, quantization: quantization))
  }

  /// Calls `body` with an fp32 map to be filled with the values of a level, and quantizes them if the level is int8.
  func fill(_ index: Int, _ context: ExecutionContext, with body: (FeatureMap<Float>) -> Void) {
    switch level(index) {
    case .floats(let map): body(map)
    case .bytes(let bytes):
      let floats = context.arena.tensor(height: bytes.height, width: bytes.width, channels: bytes.channels)
      body(floats.map)
      quantize(floats.map, into: bytes, context)
    }
  }
}

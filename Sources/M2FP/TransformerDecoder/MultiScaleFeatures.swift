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
  let maskFeatures: Tensor
  let levels: [LevelShape]

  /// Views of the rows of one level, which must not outlive this value.
  func level(_ index: Int) -> FeatureLevel {
    FeatureLevel(
      values: values.level(index, levels), keys: keys.level(index, levels),
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
  private let storage: Tensor
  /// Quantization of each level; `nil` if the level is fp32.
  private let quantizations: [QuantizationParameters?]

  init(_ levels: [LevelShape], columns: Int, _ quantizations: [QuantizationParameters?], _ context: ExecutionContext) {
    // Every level starts at a whole row of fp32 values, so that vectors stay aligned.
    let floats = zip(levels, quantizations).reduce(0) { $0 + Self.size($1.0, columns, $1.1) }
    storage = context.arena.matrix(rows: floats / columns, columns: columns)
    self.quantizations = quantizations
  }

  /// Size of a level in fp32 elements, rounded up to whole rows.
  private static func size(_ level: LevelShape, _ columns: Int, _ quantization: QuantizationParameters?) -> Int {
    (quantization == nil ? level.count : (level.count + 3) / 4) * columns
  }

  /// View of one level, which must not outlive this value.
  func level(_ index: Int, _ levels: [LevelShape]) -> FeatureView {
    let columns = storage.channels
    let start = storage.map.base + (0..<index).reduce(0) { $0 + Self.size(levels[$1], columns, quantizations[$1]) }
    let (height, width) = (levels[index].height, levels[index].width)
    guard let quantization = quantizations[index] else {
      return .floats(FeatureMap(start, height: height, width: width, channels: columns))
    }
    let bytes = UnsafeMutableRawPointer(start).assumingMemoryBound(to: UInt8.self)
    return .bytes(ByteMap(bytes, height: height, width: width, channels: columns, quantization: quantization))
  }

  /// Calls `body` with an fp32 map to be filled with the values of a level, and quantizes them if the level is int8.
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

import TensorCore
import TensorKernels

/// Mask2Former's plain FPN pixel decoder (`BasePixelDecoder` there): 1 × 1 laterals, nearest upsampling, 3 × 3 outputs.
struct BasePixelDecoder: Sendable {
  /// A 3 × 3 convolution on `res5`, which has nothing coarser to add.
  let coarsest: Convolution
  let coarsestNorm: GroupNorm
  /// `res4`, `res3`, `res2`.
  let finer: [FPNLevel]
  /// A 3 × 3 convolution to the mask embedding.
  let maskFeatures: Convolution

  init(_ parameters: ParameterReader) throws {
    let levels = Configuration.features.count
    coarsest = try parameters.convolution(KeyMap.output(levels), padding: 1, bias: false)
    coarsestNorm = try parameters.groupNorm("\(KeyMap.output(levels)).norm")
    finer = try (1..<levels).reversed().map { try FPNLevel($0, parameters) }
    maskFeatures = try parameters.convolution(KeyMap.maskFeatures, padding: 1)
  }

  func callAsFunction(_ features: consuming BackboneFeatures, _ context: ExecutionContext) -> PixelDecoderOutput {
    let level0 = coarsest.floats(features.res5, context)
    coarsestNorm(level0.matrix, into: level0.matrix, activation: .relu, context)
    let level1 = finer[0](features.res4, adding: level0.map, .nearest, context)
    let level2 = finer[1](features.res3, adding: level1.map, .nearest, context)
    let finest = finer[2](features.res2, adding: level2.map, .nearest, context)

    let levels = [level0.shape, level1.shape, level2.shape]
    let tokens = context.arena.matrix(
      rows: levels.reduce(0) { $0 + $1.count }, columns: level0.channels)
    var next = tokens.elements.extracting(0..<tokens.count)
    next.take(level0.elements)
    next.take(level1.elements)
    next.take(level2.elements)
    return PixelDecoderOutput(maskFeatures: maskFeatures(finest, context), tokens: tokens, levels: levels)
  }
}

extension UnsafeMutableBufferPointer<Float> {
  /// Copies `elements` to the front, and moves the front behind them.
  fileprivate mutating func take(_ elements: UnsafeMutableBufferPointer<Float>) {
    let end = update(fromContentsOf: elements)
    self = extracting(end..<count)
  }
}

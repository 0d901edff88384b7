import TensorCore
import TensorKernels

/// Mask2Former's plain FPN pixel decoder (`BasePixelDecoder` there): 1 × 1 laterals, nearest upsampling, 3 × 3 outputs.
struct BasePixelDecoder: Sendable {
  /// 3 × 3 convolution on `res5`, the coarsest level, which has no lateral.
  let coarsest: Convolution
  let coarsestNorm: GroupNorm
  /// FPN levels of `res4`, `res3`, `res2`.
  let finer: [FPNLevel]
  /// 3 × 3 convolution to the mask features.
  let maskFeatures: Convolution

  let outputs: PixelDecoderDescription

  init(
    _ configuration: Configuration.PixelDecoder, _ features: [TensorDescription], _ builder: NetworkBuilder
  ) throws {
    let channels = configuration.convDim
    var x = features[3]
    coarsest = try builder.convolution("layer_4", &x, outputs: channels, kernel: 3, padding: 1, bias: false)
    coarsestNorm = try builder.groupNorm("layer_4.norm", &x)
    var levels = [x]
    finer = try (1...3).reversed().map { level in
      x = features[level - 1]
      let fpn = try FPNLevel(level, &x, channels: channels, builder)
      levels.append(x)
      return fpn
    }
    maskFeatures = try builder.convolution("mask_features", &x, outputs: configuration.maskDim, kernel: 3, padding: 1)
    outputs = PixelDecoderDescription(maskFeatures: x, levels: Array(levels.prefix(3)))
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
    next.append(level0.elements)
    next.append(level1.elements)
    next.append(level2.elements)
    return PixelDecoderOutput(maskFeatures: maskFeatures(finest, context), tokens: tokens, levels: levels)
  }
}

extension UnsafeMutableBufferPointer<Float> {
  /// Copies `elements` to the start of the buffer, which then begins behind them.
  fileprivate mutating func append(_ elements: UnsafeMutableBufferPointer<Float>) {
    let end = update(fromContentsOf: elements)
    self = extracting(end..<count)
  }
}

import TensorCore
import TensorKernels

/// Mask2Former's pixel decoder: a deformable-attention encoder over `res3` to `res5`, and one FPN level for `res2`
/// (Cheng et al., arXiv 2112.01527, section 4.1; Zhu et al., arXiv 2010.04159).
struct MSDeformAttnPixelDecoder: Sendable {
  /// Projections of `res5`, `res4`, `res3` to the encoder's width.
  let inputProjections: [InputProjection]
  let encoder: MSDeformAttnTransformerEncoder
  let fpn: FPNLevel
  let maskFeatures: Convolution

  let outputs: PixelDecoderDescription

  /// 1 × 1 convolution and group norm.
  struct InputProjection: Sendable {
    let convolution: Convolution
    let norm: GroupNorm

    init(_ feature: TensorDescription, channels: Int, _ builder: NetworkBuilder) throws {
      var x = feature
      convolution = try builder.convolution("0", &x, outputs: channels)
      norm = try builder.groupNorm("1", &x)
    }

    func callAsFunction(_ x: FeatureView, into tokens: FeatureMap<Float>, _ context: ExecutionContext) {
      convolution(x, into: .floats(tokens), context)
      norm(tokens.tokens, into: tokens.tokens, context)
    }
  }

  init(
    _ configuration: Configuration.PixelDecoder, _ features: [TensorDescription], _ builder: NetworkBuilder
  ) throws {
    let channels = configuration.convDim
    let transformerFeatures = Array(features.dropFirst().reversed())
    inputProjections = try transformerFeatures.enumerated().map { level, feature in
      try InputProjection(feature, channels: channels, builder.scope("input_proj.\(level)"))
    }
    var tokens = builder.tensor(
      "input_proj", channels: channels, .pixels(strides: transformerFeatures.flatMap(\.strides)))
    encoder = try MSDeformAttnTransformerEncoder(configuration, &tokens, builder.scope("transformer"))
    var x = features[0]
    fpn = try FPNLevel(1, &x, channels: channels, builder)
    maskFeatures = try builder.convolution("mask_features", &x, outputs: configuration.maskDim)
    outputs = PixelDecoderDescription(maskFeatures: x, levels: transformerFeatures.indices.map(tokens.level))
  }

  func callAsFunction(_ features: consuming BackboneFeatures, _ context: ExecutionContext) -> PixelDecoderOutput {
    let levels = features.transformerLevels
    let projected = project(features.res5, features.res4, features.res3, levels, context)
    let tokens = encoder(projected, levels, context)
    let finest = maskFeatures.quantized(
      fpn(features.res2, adding: levels.map(of: levels.count - 1, in: tokens), .bilinear, context), context)
    return PixelDecoderOutput(
      maskFeatures: maskFeatures.floats(finest, context), tokens: tokens, levels: levels)
  }

  /// The encoder's input, (S, conv_dim): every level projected and normalized, one level after another. The features
  /// are consumed; their memory returns to the arena.
  private func project(
    _ res5: consuming Features, _ res4: consuming Features, _ res3: consuming Features, _ levels: [LevelShape],
    _ context: ExecutionContext
  ) -> Tensor<Float> {
    let source = context.arena.matrix(
      rows: levels.reduce(0) { $0 + $1.count }, columns: inputProjections[0].convolution.outputs)
    inputProjections[0](res5.view, into: levels.map(of: 0, in: source), context)
    inputProjections[1](res4.view, into: levels.map(of: 1, in: source), context)
    inputProjections[2](res3.view, into: levels.map(of: 2, in: source), context)
    return source
  }
}

import TensorCore
import TensorKernels

/// Feature maps of the backbone, the input of the pixel decoder: strides 4, 8, 16 and 32, or less where it is dilated.
struct BackboneFeatures: ~Copyable {
  let res2: Features
  let res3: Features
  let res4: Features
  let res5: Features

  /// Sizes of the maps that the transformer attends to, coarse to fine.
  var transformerLevels: [LevelShape] { [res5.shape, res4.shape, res3.shape] }
}

extension Tensor<Float> {
  var shape: LevelShape { LevelShape(height: height, width: width) }
}

extension EitherPrecision<Tensor<Float>, Tensor<UInt8>> where Floats: ~Copyable, Bytes: ~Copyable {
  var shape: LevelShape { LevelShape(height: view.height, width: view.width) }
}

/// A ResNet of depth 18 to 152 with a basic or a DeepLab stem (He et al., arXiv 1512.03385; Chen et al., arXiv
/// 1706.05587), batch norm folded into the convolutions.
struct ResNet: Sendable {
  let stem: Stem
  /// `res2` to `res5`, each a chain of residual blocks.
  let stages: [[ResidualBlock]]
  /// Description of the output of each stage.
  let outputs: [TensorDescription]

  init(_ configuration: Configuration.Backbone, _ image: TensorDescription, _ builder: NetworkBuilder) throws {
    var x = image
    stem = try Stem(configuration, &x, builder.scope("stem").called(in: "stem"))
    var outputs: [TensorDescription] = []
    stages = try ResNetPlan(configuration).stages.map { stage in
      let name = "res\(stage.number)"
      let blocks = try stage.blocks.enumerated().map { index, block in
        try ResidualBlock(
          block, strideIn1x1: configuration.strideIn1x1, &x, builder.scope("\(name).\(index)").called(in: name))
      }
      outputs.append(x)
      return blocks
    }
    self.outputs = outputs
  }

  /// - Parameter image: (H, W, 3), normalized; H and W multiples of 32. Its memory returns to the arena after the stem.
  func callAsFunction(
    _ image: consuming Tensor<Float>, _ context: ExecutionContext, forwardHook: ForwardHook?
  ) throws -> BackboneFeatures {
    let stemFeatures = stem(image, context)
    try forwardHook?("stem", stemFeatures.view)
    let res2 = try remainingBlocks(stage: 0, stages[0][0](stemFeatures, context), context, forwardHook)
    let res3 = try remainingBlocks(stage: 1, stages[1][0](keeping: res2, context), context, forwardHook)
    let res4 = try remainingBlocks(stage: 2, stages[2][0](keeping: res3, context), context, forwardHook)
    let res5 = try remainingBlocks(stage: 3, stages[3][0](keeping: res4, context), context, forwardHook)
    return BackboneFeatures(res2: res2, res3: res3, res4: res4, res5: res5)
  }

  /// Computes all blocks of a stage but the first, and calls the hook.
  private func remainingBlocks(
    stage: Int, _ features: consuming Features, _ context: ExecutionContext, _ forwardHook: ForwardHook?
  ) throws -> Features {
    var features = features
    for block in stages[stage].dropFirst() { features = block(features, context) }
    try forwardHook?(Configuration.features[stage], features.view)
    return features
  }
}

/// The layers before the residual blocks: stride 4, from 3 channels to `stem_out_channels`.
struct Stem: Sendable {
  /// One 7 × 7 convolution of stride 2 (basic), or three 3 × 3 of which the first has stride 2 (DeepLab).
  let convolutions: [Convolution]

  init(_ configuration: Configuration.Backbone, _ x: inout TensorDescription, _ builder: NetworkBuilder) throws {
    let channels = configuration.stemOutChannels
    switch configuration.stem {
    case .basic:
      convolutions = [try builder.convolution("conv1", &x, outputs: channels, kernel: 7, stride: 2, padding: 3)]
    case .deeplab:
      convolutions = [
        try builder.convolution("conv1", &x, outputs: channels / 2, kernel: 3, stride: 2, padding: 1),
        try builder.convolution("conv2", &x, outputs: channels / 2, kernel: 3, padding: 1),
        try builder.convolution("conv3", &x, outputs: channels, kernel: 3, padding: 1),
      ]
    }
    // Max pooling keeps the quantization of its input, so the activation keeps its name.
    x = x.strided(by: 2)
  }

  func callAsFunction(_ image: consuming Tensor<Float>, _ context: ExecutionContext) -> Features {
    var features = Features.floats(image)
    for convolution in convolutions { features = convolution(features, activation: .relu, context) }
    return maxPool(features, kernel: 3, stride: 2, padding: 1, context)
  }
}

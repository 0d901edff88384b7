import TensorCore
import TensorKernels

/// The feature maps that the backbone gives to the pixel decoder, strides 4, 8, 16 and 32 (less where it is dilated).
struct BackboneFeatures: ~Copyable {
  let res2: Features
  let res3: Features
  let res4: Features
  let res5: Features

  /// The sizes of the maps that the transformer looks at, coarse to fine.
  var transformerLevels: [LevelShape] { [res5.shape, res4.shape, res3.shape] }
}

extension Tensor {
  var shape: LevelShape { LevelShape(height: height, width: width) }
}

extension Features {
  var shape: LevelShape { LevelShape(height: view.height, width: view.width) }
}

/// A ResNet of depth 18 to 152 with a basic or a DeepLab stem (He et al., arXiv 1512.03385; Chen et al., arXiv
/// 1706.05587), batch norm folded into the convolutions. Between quantized convolutions there are bytes.
struct ResNet: Sendable {
  let stem: Stem
  /// `res2` to `res5`, each a chain of residual blocks.
  let stages: [[ResidualBlock]]

  /// - Parameter readers: Layers outside the backbone that read its features, for each stage.
  init(
    _ configuration: Configuration.Backbone, readers: [[String]], _ parameters: ParameterReader
  ) throws {
    let plan = ResNetPlan(configuration).stages
    let blocks = plan.flatMap { stage in
      stage.blocks.indices.map { (name: KeyMap.block(stage: stage.number, $0), block: stage.blocks[$0]) }
    }
    stem = try Stem(
      configuration.stem, output: parameters.quantization(readBy: ResidualBlock.readers(blocks[0])), parameters)
    var (input, next) = (stem.output, 1)
    stages = try zip(plan, readers).map { stage, readers in
      try stage.blocks.indices.map { index in
        let following = next < blocks.count ? ResidualBlock.readers(blocks[next]) : []
        let outside = index + 1 == stage.blocks.count ? readers : []
        let block = try ResidualBlock(
          blocks[next - 1].block, strideIn1x1: configuration.strideIn1x1, blocks[next - 1].name, input: input,
          output: parameters.quantization(readBy: following + outside), parameters)
        (input, next) = (block.output, next + 1)
        return block
      }
    }
  }

  /// - Parameter image: (H, W, 3), normalized; H and W multiples of 32. It is given back to the arena after the stem.
  func callAsFunction(
    _ image: consuming Tensor, _ context: ExecutionContext, forwardHook: ForwardHook?
  ) throws -> BackboneFeatures {
    let stemFeatures = stem(image, context)
    try forwardHook?("stem", stemFeatures.view)
    let res2 = try stage(0, stemFeatures, context, forwardHook)
    let res3 = try stage(1, res2, context, forwardHook)
    let res4 = try stage(2, res3, context, forwardHook)
    let res5 = try stage(3, res4, context, forwardHook)
    return BackboneFeatures(res2: res2, res3: res3, res4: res4, res5: res5)
  }

  private func stage(
    _ index: Int, _ input: borrowing Features, _ context: ExecutionContext, _ forwardHook: ForwardHook?
  ) throws -> Features {
    let blocks = stages[index]
    var features = blocks[0](input, context)
    for block in blocks.dropFirst() { features = block.inPlace(features, context) }
    try forwardHook?(Configuration.features[index], features.view)
    return features
  }
}

/// What comes before the residual blocks: stride 4, from 3 channels to `stem_out_channels`.
struct Stem: Sendable {
  /// One 7 × 7 convolution of stride 2 (basic), or three 3 × 3 of which the first has stride 2 (DeepLab).
  let convolutions: [Convolution]
  /// Of the bytes that it writes; nil for floats.
  let output: QuantizationParameters?

  init(
    _ kind: Configuration.Backbone.Stem, output: QuantizationParameters?, _ parameters: ParameterReader
  ) throws {
    let name = KeyMap.stem
    switch kind {
    case .basic:
      convolutions = [try parameters.convolution("\(name).conv1", stride: 2, padding: 3, output: output)]
    case .deeplab:
      convolutions = [
        try parameters.convolution(
          "\(name).conv1", stride: 2, padding: 1, output: parameters.inputQuantization(of: "\(name).conv2")),
        try parameters.convolution(
          "\(name).conv2", padding: 1, output: parameters.inputQuantization(of: "\(name).conv3")),
        try parameters.convolution("\(name).conv3", padding: 1, output: output),
      ]
    }
    self.output = output
  }

  func callAsFunction(_ image: consuming Tensor, _ context: ExecutionContext) -> Features {
    var features = Features.floats(image)
    for convolution in convolutions { features = convolution(features, activation: .relu, context) }
    return maxPool(features, kernel: 3, stride: 2, padding: 1, context)
  }
}

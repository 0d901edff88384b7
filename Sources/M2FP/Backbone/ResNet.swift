import TensorCore
import TensorKernels

/// The feature maps that the backbone gives to the pixel decoder, strides 4, 8, 16 and 32 (less where it is dilated).
struct BackboneFeatures: ~Copyable {
  let res2: Tensor
  let res3: Tensor
  let res4: Tensor
  let res5: Tensor

  /// The sizes of the maps that the transformer looks at, coarse to fine.
  var transformerLevels: [LevelShape] { [res5.shape, res4.shape, res3.shape] }
}

extension Tensor {
  var shape: LevelShape { LevelShape(height: height, width: width) }
}

/// A ResNet of depth 18 to 152 with a basic or a DeepLab stem (He et al., arXiv 1512.03385; Chen et al., arXiv
/// 1706.05587), batch norm folded into the convolutions.
struct ResNet: Sendable {
  let stem: Stem
  /// `res2` to `res5`, each a chain of residual blocks.
  let stages: [[ResidualBlock]]

  init(_ configuration: Configuration.Backbone, _ parameters: ParameterReader) throws {
    stem = try Stem(configuration.stem, parameters)
    stages = try ResNetPlan(configuration).stages.map { stage in
      try stage.blocks.enumerated().map { index, block in
        try ResidualBlock(
          block, strideIn1x1: configuration.strideIn1x1, KeyMap.block(stage: stage.number, index), parameters)
      }
    }
  }

  /// - Parameter image: (H, W, 3), normalized; H and W multiples of 32. It is given back to the arena after the stem.
  func callAsFunction(
    _ image: consuming Tensor, _ execution: Execution, observer: StageObserver?
  ) throws -> BackboneFeatures {
    let stemFeatures = stem(image, execution)
    try observer?("stem", stemFeatures.map)
    let res2 = try stage(0, stemFeatures, execution, observer)
    let res3 = try stage(1, res2, execution, observer)
    let res4 = try stage(2, res3, execution, observer)
    let res5 = try stage(3, res4, execution, observer)
    return BackboneFeatures(res2: res2, res3: res3, res4: res4, res5: res5)
  }

  private func stage(
    _ index: Int, _ input: borrowing Tensor, _ execution: Execution, _ observer: StageObserver?
  ) throws -> Tensor {
    let blocks = stages[index]
    var features = blocks[0](input, execution)
    for block in blocks.dropFirst() { features = block.inPlace(features, execution) }
    try observer?(Configuration.features[index], features.map)
    return features
  }
}

/// What comes before the residual blocks: stride 4, from 3 channels to `stem_out_channels`.
struct Stem: Sendable {
  /// One 7 × 7 convolution of stride 2 (basic), or three 3 × 3 of which the first has stride 2 (DeepLab).
  let convolutions: [Convolution]

  init(_ kind: Configuration.Backbone.Stem, _ parameters: ParameterReader) throws {
    switch kind {
    case .basic:
      convolutions = [try parameters.convolution("\(KeyMap.stem).conv1", stride: 2, padding: 3)]
    case .deeplab:
      convolutions = [
        try parameters.convolution("\(KeyMap.stem).conv1", stride: 2, padding: 1),
        try parameters.convolution("\(KeyMap.stem).conv2", padding: 1),
        try parameters.convolution("\(KeyMap.stem).conv3", padding: 1),
      ]
    }
  }

  func callAsFunction(_ image: consuming Tensor, _ execution: Execution) -> Tensor {
    var features = image
    for convolution in convolutions { features = convolution(features, activation: .relu, execution) }
    return maxPool(features, kernel: 3, stride: 2, padding: 1, execution)
  }
}

/// A basic or a bottleneck block: relu(convolutions(x) + shortcut(x)).
struct ResidualBlock: Sendable {
  /// Two 3 × 3 (basic), or 1 × 1, 3 × 3, 1 × 1 (bottleneck); each but the last is followed by a ReLU of its own.
  let convolutions: [Convolution]
  /// A strided 1 × 1 where the block changes the number of channels, else the identity.
  let shortcut: Convolution?

  init(_ block: ResNetPlan.Block, strideIn1x1: Bool, _ name: String, _ parameters: ParameterReader) throws {
    shortcut = block.hasShortcut ? try parameters.convolution("\(name).shortcut", stride: block.stride) : nil
    switch block.kind {
    case .basic:
      convolutions = [
        try parameters.convolution("\(name).conv1", stride: block.stride, padding: 1),
        try parameters.convolution("\(name).conv2", padding: 1),
      ]
    case .bottleneck:
      let (stride1x1, stride3x3) = strideIn1x1 ? (block.stride, 1) : (1, block.stride)
      convolutions = [
        try parameters.convolution("\(name).conv1", stride: stride1x1),
        try parameters.convolution(
          "\(name).conv2", stride: stride3x3, padding: block.dilation, dilation: block.dilation),
        try parameters.convolution("\(name).conv3"),
      ]
    }
  }

  func callAsFunction(_ x: borrowing Tensor, _ execution: Execution) -> Tensor {
    let features = allButLast(x, execution)
    guard let shortcut else { return last(features, activation: .relu, residual: x, execution) }
    let projected = shortcut(x, activation: .none, execution)
    last(features.map, into: projected.map, activation: .relu, residual: projected.map, execution)
    return projected
  }

  /// The same, with the result in the memory of x where the block has no shortcut of its own.
  func inPlace(_ x: consuming Tensor, _ execution: Execution) -> Tensor {
    guard shortcut == nil else { return self(x, execution) }
    let features = allButLast(x, execution)
    last(features.map, into: x.map, activation: .relu, residual: x.map, execution)
    return x
  }

  private var last: Convolution { convolutions[convolutions.count - 1] }

  private func allButLast(_ x: borrowing Tensor, _ execution: Execution) -> Tensor {
    var features = convolutions[0](x, activation: .relu, execution)
    for convolution in convolutions.dropFirst().dropLast() {
      features = convolution(features, activation: .relu, execution)
    }
    return features
  }
}

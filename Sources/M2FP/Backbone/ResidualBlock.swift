import TensorCore
import TensorKernels

/// A basic or a bottleneck block: relu(convolutions(x) + shortcut(x)) (He et al., arXiv 1512.03385, figure 5).
struct ResidualBlock: Sendable {
  /// Two 3 × 3 (basic), or 1 × 1, 3 × 3, 1 × 1 (bottleneck); each but the last is followed by a ReLU of its own.
  let convolutions: [Convolution]
  /// A strided 1 × 1 where the block changes the number of channels, else the identity.
  let shortcut: Convolution?

  init(
    _ block: ResNetPlan.Block, strideIn1x1: Bool, _ x: inout TensorDescription, _ builder: NetworkBuilder
  ) throws {
    var residual = x
    shortcut =
      block.hasShortcut
      ? try builder.convolution("shortcut", &residual, outputs: block.outputs, stride: block.stride) : nil
    switch block.kind {
    case .basic:
      convolutions = [
        try builder.convolution("conv1", &x, outputs: block.outputs, kernel: 3, stride: block.stride, padding: 1),
        try builder.convolution("conv2", &x, outputs: block.outputs, kernel: 3, padding: 1, adding: residual),
      ]
    case .bottleneck(let width):
      let (stride1x1, stride3x3) = strideIn1x1 ? (block.stride, 1) : (1, block.stride)
      convolutions = [
        try builder.convolution("conv1", &x, outputs: width, stride: stride1x1),
        try builder.convolution(
          "conv2", &x, outputs: width, kernel: 3, stride: stride3x3, padding: block.dilation, dilation: block.dilation),
        try builder.convolution("conv3", &x, outputs: block.outputs, adding: residual),
      ]
    }
  }

  /// The block with an input that is not needed afterwards: without a shortcut, the result is written over it.
  func callAsFunction(_ x: consuming Features, _ context: ExecutionContext) -> Features {
    let features = allButLast(x, context)
    guard let shortcut else { return last(features, adding: x, activation: .relu, context) }
    return last(features, adding: shortcut(x, context), activation: .relu, context)
  }

  /// The block with an input that is needed afterwards, for the first block of a stage, which has a shortcut.
  func callAsFunction(keeping x: borrowing Features, _ context: ExecutionContext) -> Features {
    guard let shortcut else { preconditionFailure("a block without a shortcut writes over its input") }
    let features = allButLast(x, context)
    return last(features, adding: shortcut(x, context), activation: .relu, context)
  }

  private var last: Convolution { convolutions[convolutions.count - 1] }

  private func allButLast(_ x: borrowing Features, _ context: ExecutionContext) -> Features {
    var features = convolutions[0](x, activation: .relu, context)
    for convolution in convolutions.dropFirst().dropLast() {
      features = convolution(features, activation: .relu, context)
    }
    return features
  }
}

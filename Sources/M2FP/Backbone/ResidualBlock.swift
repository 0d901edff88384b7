import TensorCore
import TensorKernels

/// A basic or a bottleneck block: relu(convolutions(x) + shortcut(x)).
struct ResidualBlock: Sendable {
  /// Two 3 × 3 (basic), or 1 × 1, 3 × 3, 1 × 1 (bottleneck); each but the last is followed by a ReLU of its own.
  let convolutions: [Convolution]
  /// A strided 1 × 1 where the block changes the number of channels, else the identity.
  let shortcut: Convolution?

  /// Of the bytes that it writes; nil for floats.
  var output: QuantizationParameters? { last.output }

  /// The layers of a block that read its input.
  static func readers(_ block: (name: String, block: ResNetPlan.Block)) -> [String] {
    ["\(block.name).conv1"] + (block.block.hasShortcut ? ["\(block.name).shortcut"] : [])
  }

  /// - Parameters:
  ///   - input: Of the bytes that the block reads; nil for floats.
  ///   - output: Of the bytes that it shall write; nil for floats. It writes floats where what is to be summed is not in
  ///     bytes.
  init(
    _ block: ResNetPlan.Block, strideIn1x1: Bool, _ name: String, input: QuantizationParameters?,
    output: QuantizationParameters?,
    _ parameters: ParameterReader
  ) throws {
    let names = block.kind == .basic ? ["conv1", "conv2"] : ["conv1", "conv2", "conv3"]
    let between = try names.dropFirst().map { try parameters.inputQuantization(of: "\(name).\($0)") }
    let added = block.hasShortcut ? try parameters.outputQuantization(of: "\(name).shortcut") : input
    let sumsBytes = (between.last ?? nil) != nil && added != nil && output != nil
    let (residual, output) = sumsBytes ? (added, output) : (nil, nil)
    shortcut =
      block.hasShortcut
      ? try parameters.convolution("\(name).shortcut", stride: block.stride, output: residual) : nil
    switch block.kind {
    case .basic:
      convolutions = [
        try parameters.convolution("\(name).conv1", stride: block.stride, padding: 1, output: between[0]),
        try parameters.convolution("\(name).conv2", padding: 1, output: output, residual: residual),
      ]
    case .bottleneck:
      let (stride1x1, stride3x3) = strideIn1x1 ? (block.stride, 1) : (1, block.stride)
      convolutions = [
        try parameters.convolution("\(name).conv1", stride: stride1x1, output: between[0]),
        try parameters.convolution(
          "\(name).conv2", stride: stride3x3, padding: block.dilation, dilation: block.dilation, output: between[1]),
        try parameters.convolution("\(name).conv3", output: output, residual: residual),
      ]
    }
  }

  func callAsFunction(_ x: borrowing Features, _ context: ExecutionContext) -> Features {
    let features = allButLast(x, context)
    guard let shortcut else { return finish(features, adding: x, context) }
    let projected = shortcut(x.view, context)
    return finish(features, over: projected, context)
  }

  /// The same, with the result in the memory of x where the block has no shortcut of its own.
  func inPlace(_ x: consuming Features, _ context: ExecutionContext) -> Features {
    guard shortcut == nil else { return self(x, context) }
    let features = allButLast(x, context)
    return finish(features, over: x, context)
  }

  private var last: Convolution { convolutions[convolutions.count - 1] }

  private func allButLast(_ x: borrowing Features, _ context: ExecutionContext) -> Features {
    var features = convolutions[0](x, activation: .relu, context)
    for convolution in convolutions.dropFirst().dropLast() {
      features = convolution(features, activation: .relu, context)
    }
    return features
  }

  /// The last convolution with its residual, in new memory.
  private func finish(
    _ features: borrowing Features, adding residual: borrowing Features, _ context: ExecutionContext
  ) -> Features {
    guard case .bytes(let map) = residual.view, output == nil else {
      return last(features.view, activation: .relu, residual: residual.view, context)
    }
    return finish(features, over: .floats(floats(map, context)), context)
  }

  /// The same in the memory of the residual, unless that holds bytes and floats are to be written.
  private func finish(
    _ features: borrowing Features, over residual: consuming Features, _ context: ExecutionContext
  ) -> Features {
    switch consume residual {
    case .floats(let tensor):
      last(features.view, into: .floats(tensor.map), activation: .relu, residual: .floats(tensor.map), context)
      return .floats(tensor)
    case .bytes(let bytes):
      guard let output else { return finish(features, over: .floats(floats(bytes.map, context)), context) }
      last(
        features.view, into: .bytes(bytes.map.requantized(output)), activation: .relu, residual: .bytes(bytes.map),
        context)
      return .bytes(bytes.requantized(output))
    }
  }

  private func floats(_ bytes: ByteMap, _ context: ExecutionContext) -> Tensor {
    let floats = context.arena.tensor(height: bytes.height, width: bytes.width, channels: bytes.channels)
    dequantize(bytes, into: floats.map, context)
    return floats
  }
}

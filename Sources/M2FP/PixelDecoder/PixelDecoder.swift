import TensorCore
import TensorKernels

/// What the pixel decoder gives to the transformer decoder.
struct PixelDecoderOutput: ~Copyable {
  /// (H/4, W/4, mask_dim): the per-pixel embedding that queries are multiplied with.
  let maskFeatures: Tensor
  /// The tokens (S, conv_dim) of three levels, one after another, coarse to fine.
  let tokens: Tensor
  let levels: [LevelShape]

  /// The tokens of one level as a feature map; must not outlive `tokens`.
  func level(_ index: Int) -> FeatureMap { levels.map(of: index, in: tokens) }
}

extension [LevelShape] {
  /// One level of a token matrix that holds all levels one after another; must not outlive `tokens`.
  func map(of index: Int, in tokens: borrowing Tensor) -> FeatureMap {
    let start = self[..<index].reduce(0) { $0 + $1.count }
    return FeatureMap(
      tokens.matrix.row(start), height: self[index].height, width: self[index].width, channels: tokens.channels)
  }
}

extension LevelShape {
  var count: Int { height * width }
}

/// What the network's description says of the pixel decoder's output.
struct PixelDecoderDescription: Sendable {
  let maskFeatures: TensorDescription
  /// The levels that the transformer decoder attends to, coarse to fine.
  let levels: [TensorDescription]
}

/// The pixel decoder: from backbone features to mask features and three levels of memory.
enum PixelDecoder: Sendable {
  case deformable(MSDeformAttnPixelDecoder)
  case fpn(BasePixelDecoder)

  /// - Parameter features: `res2` to `res5`.
  init(
    _ configuration: Configuration.PixelDecoder, _ features: [TensorDescription], _ builder: NetworkBuilder
  ) throws {
    let builder = builder.called(in: "pixel decoder")
    switch configuration.kind {
    case .msdeformattn: self = .deformable(try MSDeformAttnPixelDecoder(configuration, features, builder))
    case .fpn: self = .fpn(try BasePixelDecoder(configuration, features, builder))
    }
  }

  var outputs: PixelDecoderDescription {
    switch self {
    case .deformable(let decoder): decoder.outputs
    case .fpn(let decoder): decoder.outputs
    }
  }

  func callAsFunction(_ features: consuming BackboneFeatures, _ context: ExecutionContext) -> PixelDecoderOutput {
    switch self {
    case .deformable(let decoder): decoder(features, context)
    case .fpn(let decoder): decoder(features, context)
    }
  }
}

/// One level of a feature pyramid network (Lin et al., arXiv 1612.03144), as Mask2Former builds it:
/// relu(norm(output(norm(lateral(x)) + upsampled))).
struct FPNLevel: Sendable {
  enum Upsampling { case nearest, bilinear }

  let lateral: Convolution
  let lateralNorm: GroupNorm
  let output: Convolution
  let outputNorm: GroupNorm

  /// - Parameter level: 1 is the finest, `res2`.
  init(_ level: Int, _ x: inout TensorDescription, channels: Int, _ builder: NetworkBuilder) throws {
    let name = "adapter_\(level)"
    lateral = try builder.convolution(name, &x, outputs: channels, bias: false)
    lateralNorm = try builder.groupNorm("\(name).norm", &x)
    x = builder.tensor("\(name).sum", like: x)
    output = try builder.convolution("layer_\(level)", &x, outputs: channels, kernel: 3, padding: 1, bias: false)
    outputNorm = try builder.groupNorm("layer_\(level).norm", &x)
  }

  /// - Parameters:
  ///   - x: The backbone's features of this level, (H, W, C).
  ///   - coarser: The level below, (h, w, conv_dim), upsampled here to (H, W).
  func callAsFunction(
    _ x: consuming Features, adding coarser: FeatureMap, _ upsampling: Upsampling, _ context: ExecutionContext
  ) -> Tensor {
    let result = output.floats(sum(x, adding: coarser, upsampling, context), context)
    outputNorm(result.matrix, into: result.matrix, activation: .relu, context)
    return result
  }

  private func sum(
    _ x: consuming Features, adding coarser: FeatureMap, _ upsampling: Upsampling, _ context: ExecutionContext
  ) -> Features {
    let sum = project(x, context)
    lateralNorm(sum.matrix, into: sum.matrix, context)
    switch upsampling {
    case .nearest: nearestResize(coarser, into: sum.map, accumulate: true, context)
    case .bilinear: bilinearResize(coarser, into: sum.map, accumulate: true, context)
    }
    return output.quantized(sum, context)
  }

  /// The lateral convolution, after which x goes back to its arena.
  private func project(_ x: consuming Features, _ context: ExecutionContext) -> Tensor { lateral.floats(x, context) }
}

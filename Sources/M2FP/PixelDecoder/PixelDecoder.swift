import TensorCore
import TensorKernels

/// The pixel decoder of Mask2Former, of either kind: from backbone features to mask features and three levels of
/// tokens.
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

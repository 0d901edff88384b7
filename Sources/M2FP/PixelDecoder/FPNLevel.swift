import TensorCore
import TensorKernels

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
  ///   - coarser: The next coarser level, (h, w, conv_dim), which is upsampled here to (H, W).
  func callAsFunction(
    _ x: consuming Features, adding coarser: FeatureMap<Float>, _ upsampling: Upsampling, _ context: ExecutionContext
  ) -> Tensor<Float> {
    let result = output.floats(sum(x, adding: coarser, upsampling, context), context)
    outputNorm(result.matrix, into: result.matrix, activation: .relu, context)
    return result
  }

  private func sum(
    _ x: consuming Features, adding coarser: FeatureMap<Float>, _ upsampling: Upsampling, _ context: ExecutionContext
  ) -> Features {
    let sum = project(x, context)
    lateralNorm(sum.matrix, into: sum.matrix, context)
    switch upsampling {
    case .nearest: nearestResize(coarser, into: sum.map, accumulate: true, context)
    case .bilinear: bilinearResize(coarser, into: sum.map, accumulate: true, context)
    }
    return output.quantized(sum, context)
  }

  /// The lateral convolution; it consumes x, whose memory then returns to the arena.
  private func project(_ x: consuming Features, _ context: ExecutionContext) -> Tensor<Float> {
    lateral.floats(x, context)
  }
}

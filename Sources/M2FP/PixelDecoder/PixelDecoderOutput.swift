import TensorCore
import TensorKernels

/// Output of the pixel decoder and input of the transformer decoder.
struct PixelDecoderOutput: ~Copyable {
  /// Per-pixel embedding that the queries' mask embeddings are multiplied with, (H/4, W/4, mask_dim).
  let maskFeatures: Tensor<Float>
  /// Tokens of three levels, one level after another, coarse to fine: (S, conv_dim).
  let tokens: Tensor<Float>
  let levels: [LevelShape]

  /// Tokens of one level as a feature map, which must not outlive `tokens`.
  func level(_ index: Int) -> FeatureMap<Float> { levels.map(of: index, in: tokens) }
}

extension [LevelShape] {
  /// One level of a token matrix that holds all levels one after another; the view must not outlive `tokens`.
  func map(of index: Int, in tokens: borrowing Tensor<Float>) -> FeatureMap<Float> {
    let start = self[..<index].reduce(0) { $0 + $1.count }
    return FeatureMap(
      tokens.matrix.row(start), height: self[index].height, width: self[index].width, channels: tokens.channels)
  }
}

/// Description of the pixel decoder's output.
struct PixelDecoderDescription: Sendable {
  let maskFeatures: TensorDescription
  /// The levels that the transformer decoder attends to, coarse to fine.
  let levels: [TensorDescription]
}

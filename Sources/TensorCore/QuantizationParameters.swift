/// Affine quantization of real numbers to uint8: real = scale · (q − zeroPoint) (Jacob et al., arXiv 1712.05877,
/// equation 1).
public struct QuantizationParameters: BitwiseCopyable, Sendable, Equatable {
  /// Distance of two neighbouring quantized values; finite and above 0.
  package let scale: Float
  /// Quantized value of 0.
  package let zeroPoint: UInt8

  package init(scale: Float, zeroPoint: UInt8) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }
}

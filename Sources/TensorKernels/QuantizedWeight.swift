package import TensorCore

/// How real numbers stand for bytes: real = scale · (byte − zeroPoint) (Jacob et al., arXiv 1712.05877, equation 1).
///
/// Zero is always a byte of its own, so that padding is exact.
package struct Quantization: Sendable, Equatable {
  /// Finite and positive.
  package let scale: Float
  package let zeroPoint: UInt8

  package init(scale: Float, zeroPoint: UInt8) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }
}

/// The weight of one layer in int8, symmetric, with a scale of its own for each output.
package struct QuantizedWeight: Sendable {
  /// −127…127, in PyTorch's order: (outputs, inputs[, kernel row, kernel column]).
  package let values: Constant<Int8>
  /// (outputs): weight = scale · value.
  package let scales: Constant<Float>
  /// (outputs), fp32; nil for none.
  package let bias: Constant<Float>?
  /// Of what the layer reads.
  package let input: Quantization

  package init(values: Constant<Int8>, scales: Constant<Float>, bias: Constant<Float>?, input: Quantization) {
    self.values = values
    self.scales = scales
    self.bias = bias
    self.input = input
  }
}

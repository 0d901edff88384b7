package import TensorCore

/// Parameters of an int8 layer: a symmetric weight with a scale for each output channel (Krishnamoorthi,
/// arXiv 1806.08342, section 3), and the quantization of the input.
package struct QuantizedWeight: Sendable {
  /// PyTorch's order: (outputs, inputs), or (outputs, inputs, kernel row, kernel column).
  package let values: Constant<Int8>
  /// (outputs): real weight = scale · value.
  package let scales: Constant<Float>
  /// Axes (outputs), fp32; `nil` for none.
  package let bias: Constant<Float>?
  /// Quantization of the input.
  package let input: QuantizationParameters

  package init(values: Constant<Int8>, scales: Constant<Float>, bias: Constant<Float>?, input: QuantizationParameters) {
    self.values = values
    self.scales = scales
    self.bias = bias
    self.input = input
  }
}

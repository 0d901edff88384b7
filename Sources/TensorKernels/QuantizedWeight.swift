package import TensorCore

/// What a layer of int8 is made of: a symmetric weight of a scale for each output channel (Krishnamoorthi,
/// arXiv 1806.08342, section 3), and how the bytes that it reads are to be understood.
package struct QuantizedWeight: Sendable {
  /// PyTorch's order: (outputs, inputs), or (outputs, inputs, kernel row, kernel column).
  package let values: Constant<Int8>
  /// (outputs): real weight = scale · value.
  package let scales: Constant<Float>
  /// (outputs), real numbers; nil for none.
  package let bias: Constant<Float>?
  /// Of what the layer reads.
  package let input: QuantizationParameters

  package init(values: Constant<Int8>, scales: Constant<Float>, bias: Constant<Float>?, input: QuantizationParameters) {
    self.values = values
    self.scales = scales
    self.bias = bias
    self.input = input
  }
}

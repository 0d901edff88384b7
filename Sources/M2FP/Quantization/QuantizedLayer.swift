package import TensorCore

/// A quantized layer: int8 weight, bias and quantization of the input.
package struct QuantizedLayer: Sendable, Equatable {
  package let layer: LayerDescription
  package let weight: SymmetricWeight
  /// Bias after correction, (outputs).
  package let bias: [Float]
  package let input: QuantizationParameters
  /// Quantization of the output of a shortcut; `nil` for other layers.
  package let output: QuantizationParameters?

  package init(
    _ layer: LayerDescription, weight: SymmetricWeight, bias: [Float], input: QuantizationParameters,
    output: QuantizationParameters?
  ) {
    self.layer = layer
    self.weight = weight
    self.bias = bias
    self.input = input
    self.output = output
  }
}

/// A weight in int8, symmetric and per channel: integers from −127 to 127 with a scale for each output (Krishnamoorthi,
/// arXiv 1806.08342, section 2.2).
package struct SymmetricWeight: Sendable, Equatable {
  package static let largest: Float = 127

  /// Integers, (outputs, depth).
  package private(set) var values: [Int8]
  /// Scales, (outputs), positive.
  package private(set) var scales: [Float]
  package let depth: Int

  /// Rounds to nearest.
  ///
  /// - Parameters:
  ///   - weight: (outputs, depth), finite.
  ///   - limits: (outputs), not negative: the magnitudes that map to 127; larger ones are clipped.
  package init(_ weight: [Float], limits: [Float]) {
    depth = weight.count / max(limits.count, 1)
    scales = limits.map(Self.scale)
    values = [Int8](repeating: 0, count: weight.count)
    for output in limits.indices { round(weight, output) }
  }

  /// Rounds to nearest without clipping: the limit of every output is its largest magnitude.
  package init(_ weight: [Float], outputs: Int) {
    self.init(weight, limits: Self.magnitudes(of: weight, outputs: outputs))
  }

  /// Replaces the integers and the scale of one output by those of another weight of the same shape.
  mutating func replace(_ output: Int, from other: SymmetricWeight) {
    scales[output] = other.scales[output]
    for index in output * depth..<(output + 1) * depth { values[index] = other.values[index] }
  }

  /// The same integers in another order within each output.
  func reordered(_ order: ([Int8]) -> [Int8]) -> SymmetricWeight {
    var reordered = self
    reordered.values = order(values)
    return reordered
  }

  /// The dequantized weight.
  var floats: [Float] { values.indices.map { Float(values[$0]) * scales[$0 / depth] } }

  /// The largest magnitude of each output.
  static func magnitudes(of weight: [Float], outputs: Int) -> [Float] {
    let depth = weight.count / max(outputs, 1)
    return (0..<outputs).map { output in
      weight[output * depth..<(output + 1) * depth].reduce(0) { max($0, abs($1)) }
    }
  }

  /// Scale for a limit; 1 if all weights of the output are zero, or so small that their scale would be subnormal.
  private static func scale(_ limit: Float) -> Float {
    let scale = limit / largest
    return scale.isNormal ? scale : 1
  }

  private mutating func round(_ weight: [Float], _ output: Int) {
    for index in output * depth..<(output + 1) * depth {
      let steps = (weight[index] / scales[output]).rounded(.toNearestOrEven)
      values[index] = Int8(max(-Self.largest, min(steps, Self.largest)))
    }
  }
}

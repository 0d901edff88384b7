package import TensorCore

/// What becomes of one layer in an int8 file.
package struct QuantizedLayer: Sendable, Equatable {
  package let layer: LayerDescription
  package let weight: SymmetricWeight
  /// (outputs).
  package let bias: [Float]
  package let input: QuantizationParameters
  /// Of a shortcut's result.
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

/// A weight as integers from −127 to 127 with a scale for each output (Krishnamoorthi, arXiv 1806.08342, section 2.2:
/// symmetric, per channel).
package struct SymmetricWeight: Sendable, Equatable {
  package static let largest: Float = 127

  /// (outputs, depth).
  package private(set) var values: [Int8]
  /// (outputs), positive.
  package private(set) var scales: [Float]
  package let depth: Int

  /// Rounds to nearest.
  ///
  /// - Parameters:
  ///   - weight: (outputs, depth), finite.
  ///   - limits: (outputs), not negative: the magnitudes that 127 stands for; what is beyond is clipped.
  package init(_ weight: [Float], limits: [Float]) {
    depth = weight.count / max(limits.count, 1)
    scales = limits.map(Self.scale)
    values = [Int8](repeating: 0, count: weight.count)
    for output in limits.indices { round(weight, output) }
  }

  /// Every output's limit is its largest magnitude.
  package init(_ weight: [Float], outputs: Int) {
    self.init(weight, limits: Self.magnitudes(of: weight, outputs: outputs))
  }

  /// Takes an output's integers and scale from another weight of the same shape.
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

  /// The weight that this stands for.
  var floats: [Float] { values.indices.map { Float(values[$0]) * scales[$0 / depth] } }

  /// The largest magnitude of each output.
  static func magnitudes(of weight: [Float], outputs: Int) -> [Float] {
    let depth = weight.count / max(outputs, 1)
    return (0..<outputs).map { output in
      weight[output * depth..<(output + 1) * depth].reduce(0) { max($0, abs($1)) }
    }
  }

  /// An output whose weights are all zero, or too small for a float to tell their 127th part from zero, gets a scale
  /// that is no trouble to anybody.
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

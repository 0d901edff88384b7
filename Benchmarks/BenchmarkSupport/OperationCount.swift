/// Number of operations and least memory traffic of a part of the network, independent of the algorithm.
///
/// Multiply-adds are those of the direct algorithm: a convolution has output pixels × outputs × inputs × kernel², also
/// where it is computed through Winograd's transforms, which need a quarter of them. By this measure a fast algorithm
/// may exceed the processor's peak. Norms, activations, softmax and resizes are not counted.
package struct OperationCount: Codable, Equatable {
  package var multiplyAdds = 0
  /// Bytes in fp32 if weights and inputs are read once and outputs are written once.
  package var bytes = 0

  package init(multiplyAdds: Int = 0, bytes: Int = 0) {
    self.multiplyAdds = multiplyAdds
    self.bytes = bytes
  }

  /// Two operations for each multiply-add.
  package var gigaflop: Double { Double(2 * multiplyAdds) / 1e9 }
  /// Arithmetic intensity, operations per byte; small values are memory-bound.
  package var intensity: Double { bytes == 0 ? 0 : gigaflop * 1e9 / Double(bytes) }

  package static func + (a: OperationCount, b: OperationCount) -> OperationCount {
    OperationCount(multiplyAdds: a.multiplyAdds + b.multiplyAdds, bytes: a.bytes + b.bytes)
  }

  package static func += (a: inout OperationCount, b: OperationCount) { a = a + b }

  private static let bytesPerElement = 4

  /// A fully connected layer.
  package static func linear(rows: Int, inputs: Int, outputs: Int) -> OperationCount {
    product(rows: rows, depth: inputs, columns: outputs)
  }

  /// A product of matrices, (rows, depth) · (depth, columns).
  package static func product(rows: Int, depth: Int, columns: Int) -> OperationCount {
    OperationCount(
      multiplyAdds: rows * depth * columns,
      bytes: (rows * depth + depth * columns + rows * columns) * bytesPerElement)
  }

  /// A convolution with a square kernel.
  ///
  /// - Parameters:
  ///   - input: Number of input pixels.
  ///   - output: Number of output pixels.
  package static func convolution(
    pixels input: Int, to output: Int, inputs: Int, outputs: Int, kernel: Int
  ) -> OperationCount {
    let weights = inputs * outputs * kernel * kernel
    return OperationCount(
      multiplyAdds: output * weights, bytes: (input * inputs + weights + output * outputs) * bytesPerElement)
  }

  /// Scores and weighted sums of attention between projections, all heads together.
  package static func attention(queries: Int, keys: Int, width: Int) -> OperationCount {
    OperationCount(multiplyAdds: 2 * queries * keys * width, bytes: 2 * (queries + keys) * width * bytesPerElement)
  }

  /// Bilinear samples and their weighted sums: four multiply-adds for each channel of a sample.
  package static func deformableAttention(tokens: Int, width: Int, heads: Int, samples: Int) -> OperationCount {
    OperationCount(
      multiplyAdds: 4 * tokens * samples * width,
      bytes: tokens * (2 * width + 3 * heads * samples) * bytesPerElement)
  }
}

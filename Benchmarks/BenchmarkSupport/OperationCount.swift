/// Operations and memory traffic of a piece of the network, the least that it needs whatever the algorithm: the
/// yardstick for its speed.
///
/// Multiply-adds are the textbook's: a convolution's are output pixels × outputs × inputs × kernel², whether it is
/// computed directly or through Winograd's transforms, which need a quarter of them. A fast algorithm may therefore
/// exceed the processor's peak by this measure. Norms, activations, softmax and resizes are not counted.
package struct OperationCount: Codable, Equatable {
  package var multiplyAdds = 0
  /// Bytes of weights read once, and of activations read once and written once, in fp32.
  package var bytes = 0

  package init(multiplyAdds: Int = 0, bytes: Int = 0) {
    self.multiplyAdds = multiplyAdds
    self.bytes = bytes
  }

  /// Two operations for each multiply-add.
  package var gigaflop: Double { Double(2 * multiplyAdds) / 1e9 }
  /// Operations for each byte: where it is small, memory sets the pace.
  package var intensity: Double { bytes == 0 ? 0 : gigaflop * 1e9 / Double(bytes) }

  package static func + (a: OperationCount, b: OperationCount) -> OperationCount {
    OperationCount(multiplyAdds: a.multiplyAdds + b.multiplyAdds, bytes: a.bytes + b.bytes)
  }

  package static func += (a: inout OperationCount, b: OperationCount) { a = a + b }

  private static let bytesPerElement = 4

  /// A fully connected layer on so many rows.
  package static func linear(rows: Int, inputs: Int, outputs: Int) -> OperationCount {
    product(rows: rows, depth: inputs, columns: outputs)
  }

  /// A product of matrices, (rows, depth) · (depth, columns).
  package static func product(rows: Int, depth: Int, columns: Int) -> OperationCount {
    OperationCount(
      multiplyAdds: rows * depth * columns,
      bytes: (rows * depth + depth * columns + rows * columns) * bytesPerElement)
  }

  /// A convolution with a square kernel, from so many pixels to so many.
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

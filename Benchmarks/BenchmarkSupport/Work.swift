/// What a piece of the network has to do at least, whatever way it takes: the yardstick for its speed.
///
/// Multiply-adds are the textbook's: a convolution's are output pixels × outputs × inputs × kernel², whether it is
/// computed directly or through Winograd's transforms, which need a quarter of them. A fast algorithm may therefore
/// exceed the processor's peak by this measure. Norms, activations, softmax and resizes are not counted.
package struct Work: Codable, Equatable {
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

  package static func + (a: Work, b: Work) -> Work {
    Work(multiplyAdds: a.multiplyAdds + b.multiplyAdds, bytes: a.bytes + b.bytes)
  }

  package static func += (a: inout Work, b: Work) { a = a + b }

  private static let bytesPerElement = 4

  /// A fully connected layer on so many rows.
  package static func linear(rows: Int, inputs: Int, outputs: Int) -> Work {
    product(rows: rows, depth: inputs, columns: outputs)
  }

  /// A (rows, depth) times B (depth, columns).
  package static func product(rows: Int, depth: Int, columns: Int) -> Work {
    Work(
      multiplyAdds: rows * depth * columns,
      bytes: (rows * depth + depth * columns + rows * columns) * bytesPerElement)
  }

  package static func convolution(
    from input: Extent, to output: Extent, inputs: Int, outputs: Int, kernel: Int
  ) -> Work {
    let weights = inputs * outputs * kernel * kernel
    return Work(
      multiplyAdds: output.pixels * weights,
      bytes: (input.pixels * inputs + weights + output.pixels * outputs) * bytesPerElement)
  }

  /// Scores and weighted sums of attention between projections, all heads together.
  package static func attention(queries: Int, keys: Int, width: Int) -> Work {
    Work(multiplyAdds: 2 * queries * keys * width, bytes: 2 * (queries + keys) * width * bytesPerElement)
  }

  /// Bilinear samples and their weighted sums: four multiply-adds for each channel of a sample.
  package static func deformableAttention(tokens: Int, width: Int, heads: Int, samples: Int) -> Work {
    Work(
      multiplyAdds: 4 * tokens * samples * width,
      bytes: tokens * (2 * width + 3 * heads * samples) * bytesPerElement)
  }
}

/// Height and width of a feature map.
package struct Extent: Equatable {
  package let height: Int
  package let width: Int

  package init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  package var pixels: Int { height * width }

  /// After a layer of this stride, padded so that it sees every pixel.
  package func strided(by stride: Int) -> Extent {
    Extent((height + stride - 1) / stride, (width + stride - 1) / stride)
  }
}

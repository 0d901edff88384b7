package import TensorCore

/// The plain truth about layers of bytes: exact sums, then one rounding after the other as the kernels have them.
extension Scalar {
  /// What a quantized layer consists of.
  package struct QuantizedLayer {
    package var weight: [Int8]
    package var scales: [Float]
    package var bias: [Float]?
    package var input: QuantizationParameters
    /// Nil for floats.
    package var output: QuantizationParameters?
    package var residual: QuantizationParameters?

    package init(
      weight: [Int8], scales: [Float], bias: [Float]?, input: QuantizationParameters,
      output: QuantizationParameters? = nil,
      residual: QuantizationParameters? = nil
    ) {
      self.weight = weight
      self.scales = scales
      self.bias = bias
      self.input = input
      self.output = output
      self.residual = residual
    }

    /// A layer whose sums, where all activations are 255, grow as large as any and shrink again: a product that is wrong in
    /// its last bit on the way is seen in the end.
    ///
    /// - Returns: The layer, and the sums that a row of its 4608 inputs gives.
    package static func largeSums(columns: Int) -> (layer: QuantizedLayer, sums: [Float]) {
      let depth = 4608
      let weight = (0..<columns).flatMap { column in
        (0..<depth).map { index -> Int8 in index >= depth / 2 ? -127 : index % (column + 2) == 0 ? 126 : 127 }
      }
      let layer = QuantizedLayer(
        weight: weight, scales: Array(repeating: 1, count: columns), bias: nil,
        input: QuantizationParameters(scale: 1, zeroPoint: 0))
      let sums = (0..<columns).map { column in
        Float(255 * weight[column * depth..<(column + 1) * depth].reduce(0) { $0 + Int($1) })
      }
      return (layer, sums)
    }
  }

  /// Bytes of floats.
  package static func quantize(_ values: [Float], _ quantization: QuantizationParameters) -> [UInt8] {
    let inverse = 1 / quantization.scale
    return values.map { byte($0 * inverse + Float(quantization.zeroPoint), lowest: 0) }
  }

  /// The nearest byte that is at least `lowest`.
  package static func byte(_ value: Float, lowest: Float) -> UInt8 {
    guard value > lowest else { return UInt8(lowest.rounded(.toNearestOrEven)) }
    return value > 255 ? 255 : UInt8(value.rounded(.toNearestOrEven))
  }

  /// Σ (x − zero point) · weight of every output: (pixels, outputs).
  package static func quantizedSums(_ x: [UInt8], _ layer: QuantizedLayer, _ shape: ConvolutionShape) -> [Int] {
    var sums: [Int] = []
    for row in 0..<shape.outputHeight {
      for column in 0..<shape.outputWidth {
        for output in 0..<shape.outputs {
          sums.append(quantizedSum(x, layer, shape, row, column, output))
        }
      }
    }
    return sums
  }

  /// The same for a linear layer: (rows, outputs).
  package static func linearSums(_ x: [UInt8], _ layer: QuantizedLayer, rows: Int) -> [Int] {
    quantizedSums(x, layer, ConvolutionShape(rows, 1, x.count / rows, layer.scales.count, kernel: 1))
  }

  private static func quantizedSum(
    _ x: [UInt8], _ layer: QuantizedLayer, _ shape: ConvolutionShape, _ row: Int, _ column: Int, _ output: Int
  ) -> Int {
    var sum = 0
    for kernelRow in 0..<shape.kernel {
      let y = row * shape.stride - shape.padding + kernelRow * shape.dilation
      for kernelColumn in 0..<shape.kernel where y >= 0 && y < shape.height {
        let left = column * shape.stride - shape.padding + kernelColumn * shape.dilation
        guard left >= 0, left < shape.width else { continue }
        for input in 0..<shape.inputs {
          let byte = Int(x[(y * shape.width + left) * shape.inputs + input])
          let place = ((output * shape.inputs + input) * shape.kernel + kernelRow) * shape.kernel + kernelColumn
          sum += (byte - Int(layer.input.zeroPoint)) * Int(layer.weight[place])
        }
      }
    }
    return sum
  }

  /// Sums as numbers.
  package static func floats(
    _ sums: [Int], _ layer: QuantizedLayer, residual: [Float]?, relu: Bool
  ) -> [Float] {
    sums.enumerated().map { index, sum in
      let column = index % layer.scales.count
      var value = Float(sum) * (layer.input.scale * layer.scales[column]) + (layer.bias?[column] ?? 0)
      if let residual { value += residual[index] }
      return relu ? max(value, 0) : value
    }
  }

  /// Sums as bytes of the layer's output.
  package static func bytes(
    _ sums: [Int], _ layer: QuantizedLayer, residual: [UInt8]?, relu: Bool
  ) -> [UInt8] {
    guard let output = layer.output else { return [] }
    let zeroPoint = Float(output.zeroPoint)
    return sums.enumerated().map { index, sum in
      let column = index % layer.scales.count
      let multiplier = layer.input.scale * layer.scales[column] / output.scale
      let added = layer.residual.map { $0.scale / output.scale * Float($0.zeroPoint) } ?? 0
      var value = Float(sum) * multiplier + ((layer.bias?[column] ?? 0) / output.scale + zeroPoint - added)
      if let residual, let scale = layer.residual?.scale { value += Float(residual[index]) * (scale / output.scale) }
      return byte(value, lowest: relu ? zeroPoint : 0)
    }
  }
}

extension SeededGenerator {
  /// `count` evenly spread bytes.
  package mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }

  /// A layer whose outputs are of the order of the tests' output scales.
  package mutating func layer(outputs: Int, depth: Int, hasBias: Bool) -> Scalar.QuantizedLayer {
    let weight = (0..<outputs * depth).map { _ in Int8.random(in: -127...127, using: &self) }
    let scales = (0..<outputs).map { _ in Float.random(in: 0.001...0.01, using: &self) / Float(depth).squareRoot() }
    return Scalar.QuantizedLayer(
      weight: weight, scales: scales, bias: hasBias ? floats(outputs) : nil,
      input: QuantizationParameters(scale: 0.25, zeroPoint: 117))
  }
}

import TensorCore
import TensorKernels
import TestSupport
import Testing

/// Layers of bytes are compared bit by bit: they are exact, and the same on every instruction set.
@Suite(.timeLimit(.minutes(10))) struct QuantizedConvolutionTests {
  typealias Shape = Scalar.ConvolutionShape

  static let shapes =
    ConvolutionTests.shapes + [
      Shape(6, 50, 8, 33, kernel: 3, padding: 1), Shape(5, 40, 12, 70, kernel: 3, padding: 1),
      Shape(4, 39, 16, 32, kernel: 3), Shape(30, 29, 64, 64, kernel: 1), Shape(11, 27, 4, 65, kernel: 5, padding: 2),
      Shape(3, 60, 20, 31, kernel: 3, padding: 2), Shape(2, 100, 4, 16, kernel: 3, padding: 1),
      // Rows longer than what is split into words at once, read in place and gathered.
      Shape(6, 11, 92, 17, kernel: 3, padding: 1), Shape(7, 9, 88, 16, kernel: 3, stride: 2, padding: 1),
      Shape(3, 3, 300, 33, kernel: 1),
      // What fills tiles: parts of 16, 12 and 9 words; 47, 31 and 16 rows; runs that cannot be cut into such parts.
      Shape(1, 47, 128, 64, kernel: 1), Shape(5, 50, 16, 40, kernel: 3, padding: 1),
      Shape(1, 31, 36, 33, kernel: 1), Shape(2, 8, 64, 32, kernel: 1), Shape(1, 40, 76, 32, kernel: 1),
      Shape(9, 21, 32, 35, kernel: 3, stride: 2, padding: 1),
    ]

  @Test(arguments: shapes, KernelBackend.available)
  func agreesWithScalar(_ shape: Shape, _ backend: KernelBackend) {
    var random = SeededGenerator(shape.height * 64 + shape.width)
    for case let (hasBias, hasResidual, relu) in everyCombination {
      let layer = random.layer(
        outputs: shape.outputs, depth: shape.inputs * shape.kernel * shape.kernel, hasBias: hasBias)
      let x = random.bytes(shape.height * shape.width * shape.inputs)
      let sums = Scalar.quantizedSums(x, layer, shape)
      let input = GuardedBytes(
        height: shape.height, width: shape.width, channels: shape.inputs, layer.input, values: x)
      checkBytes(shape, layer, input, sums, hasResidual: hasResidual, relu: relu, backend, &random)
      checkFloats(shape, layer, input, sums, hasResidual: hasResidual, relu: relu, backend, &random)
    }
  }

  private func checkBytes(
    _ shape: Shape, _ layer: Scalar.QuantizedLayer, _ input: GuardedBytes, _ sums: [Int], hasResidual: Bool, relu: Bool,
    _ backend: KernelBackend, _ random: inout SeededGenerator
  ) {
    var layer = layer
    layer.output = QuantizationParameters(scale: 0.37, zeroPoint: relu ? 0 : 101)
    layer.residual = hasResidual ? QuantizationParameters(scale: 0.21, zeroPoint: 77) : nil
    let residual = random.bytes(sums.count)
    let convolution = Self.convolution(shape, layer, backend)
    let expected = Scalar.bytes(sums, layer, residual: hasResidual ? residual : nil, relu: relu)
    withExecutions { context in
      let (height, width) = (shape.outputHeight, shape.outputWidth)
      // The residual lies where the result goes.
      let output = GuardedBytes(
        height: height, width: width, channels: shape.outputs,
        QuantizationParameters(scale: 0.37, zeroPoint: relu ? 0 : 101),
        values: residual)
      let added = FeatureMap(
        output.map.base, height: height, width: width, channels: shape.outputs,
        quantization: QuantizationParameters(scale: 0.21, zeroPoint: 77))
      convolution(
        .bytes(input.map), into: .bytes(output.map), activation: relu ? .relu : .none,
        residual: hasResidual ? .bytes(added) : nil, context)
      #expect(output.values == expected)
      output.expectGuardsIntact()
    }
  }

  private func checkFloats(
    _ shape: Shape, _ layer: Scalar.QuantizedLayer, _ input: GuardedBytes, _ sums: [Int], hasResidual: Bool, relu: Bool,
    _ backend: KernelBackend, _ random: inout SeededGenerator
  ) {
    let residual = random.floats(sums.count)
    let convolution = Self.convolution(shape, layer, backend)
    let expected = Scalar.floats(sums, layer, residual: hasResidual ? residual : nil, relu: relu)
    let floats = input.values.map { layer.input.scale * Float(Int($0) - Int(layer.input.zeroPoint)) }
    let floatInput = GuardedMatrix(rows: shape.height * shape.width, columns: shape.inputs, values: floats)
    let inputs: [FeatureView] = [
      .bytes(input.map), .floats(floatInput.map(height: shape.height, width: shape.width)),
    ]
    withExecutions { context in
      for x in inputs {
        let output = GuardedMatrix(
          rows: shape.outputHeight * shape.outputWidth, columns: shape.outputs, values: residual)
        let map = FeatureView.floats(output.map(height: shape.outputHeight, width: shape.outputWidth))
        convolution(
          x, into: map, activation: relu ? .relu : .none, residual: hasResidual ? map : nil, context)
        #expect(output.values == expected)
        output.expectGuardsIntact()
      }
    }
  }

  /// The largest sums that a layer of this network can reach.
  @Test(arguments: KernelBackend.available, [-127, 127] as [Int8])
  func isExactAtTheExtremes(_ backend: KernelBackend, _ weight: Int8) {
    let shape = Shape(1, 37, 4608, 33, kernel: 1)
    let layer = Scalar.QuantizedLayer(
      weight: Array(repeating: weight, count: 33 * 4608), scales: Array(repeating: 1, count: 33), bias: nil,
      input: QuantizationParameters(scale: 1, zeroPoint: 0))
    let input = GuardedBytes(
      height: 1, width: 37, channels: 4608, layer.input, values: Array(repeating: 255, count: 37 * 4608))
    withExecutions { context in
      let output = GuardedMatrix(rows: 37, columns: 33)
      Self.convolution(shape, layer, backend)(
        .bytes(input.map), into: .floats(output.map(height: 1, width: 37)), context)
      #expect(output.values.allSatisfy { $0 == Float(255 * 4608 * Int(weight)) })
    }
  }

  /// Sums that grow as large as any and shrink again: a product that is wrong in its last bit on the way is seen in the end.
  @Test(arguments: KernelBackend.available) func isExactOnTheWay(_ backend: KernelBackend) {
    let (layer, sums) = Scalar.QuantizedLayer.largeSums(columns: 33)
    let (rows, depth) = (37, layer.weight.count / 33)
    let input = GuardedBytes(
      height: 1, width: rows, channels: depth, layer.input, values: Array(repeating: 255, count: rows * depth))
    withExecutions { context in
      let output = GuardedMatrix(rows: rows, columns: 33)
      Self.convolution(Shape(1, rows, depth, 33, kernel: 1), layer, backend)(
        .bytes(input.map), into: .floats(output.map(height: 1, width: rows)), context)
      #expect(output.values == (0..<rows).flatMap { _ in sums })
    }
  }

  @Test(arguments: KernelBackend.available) func saturates(_ backend: KernelBackend) {
    var layer = Scalar.QuantizedLayer(
      weight: [1, 1, 1, 1, 1], scales: [1, -1, 1e30, -1e30, 0], bias: [0, 0, 0, 0, 1e38],
      input: QuantizationParameters(scale: 1000, zeroPoint: 0))
    layer.output = QuantizationParameters(scale: 1, zeroPoint: 9)
    let input = GuardedBytes(height: 1, width: 1, channels: 1, layer.input, values: [255])
    let convolution = Self.convolution(Shape(1, 1, 1, 5, kernel: 1), layer, backend)
    withExecutions { context in
      let output = GuardedBytes(height: 1, width: 1, channels: 5, QuantizationParameters(scale: 1, zeroPoint: 9))
      convolution(.bytes(input.map), into: .bytes(output.map), context)
      #expect(output.values == [255, 0, 255, 0, 255])
    }
  }

  /// A layer of floats takes bytes and writes bytes, too.
  @Test(arguments: ConvolutionTests.shapes, KernelBackend.available)
  func floatsMeetBytes(_ shape: Shape, _ backend: KernelBackend) {
    var random = SeededGenerator(shape.height + shape.width)
    let (read, written) = (
      QuantizationParameters(scale: 0.01, zeroPoint: 120), QuantizationParameters(scale: 0.04, zeroPoint: 90)
    )
    let x = random.bytes(shape.height * shape.width * shape.inputs)
    let weight = random.floats(shape.weightCount)
    let input = GuardedBytes(height: shape.height, width: shape.width, channels: shape.inputs, read, values: x)
    let floats = x.map { read.scale * Float(Int($0) - Int(read.zeroPoint)) }
    let expected = Scalar.convolution(floats, weight: weight, bias: nil, shape)
    let convolution = weight.withUnsafeBufferPointer {
      Convolution(
        weightOIHW: $0, bias: nil, inputs: shape.inputs, outputs: shape.outputs, kernel: shape.kernel,
        stride: shape.stride, padding: shape.padding, dilation: shape.dilation, output: written,
        backend: backend)
    }
    withExecutions { context in
      let y = convolution(.bytes(input.map), context)
      guard case .bytes(let map) = y.view else { return _ = Issue.record("expected bytes") }
      for (index, value) in expected.enumerated() {
        let nearest = min(max(value / written.scale + Float(written.zeroPoint), 0), 255)
        #expect(abs(Float(map.base[index]) - nearest) <= 0.51)
      }
    }
  }

  static func convolution(
    _ shape: Shape, _ layer: Scalar.QuantizedLayer, _ backend: KernelBackend
  ) -> Convolution {
    Convolution(
      quantized: QuantizedWeight(layer), inputs: shape.inputs, outputs: shape.outputs, kernel: shape.kernel,
      stride: shape.stride, padding: shape.padding, dilation: shape.dilation, output: layer.output,
      residual: layer.residual, backend: backend)
  }
}

extension QuantizedWeight {
  init(_ layer: Scalar.QuantizedLayer) {
    self.init(
      values: Constant(layer.weight), scales: Constant(layer.scales), bias: layer.bias.map { Constant($0) },
      input: layer.input)
  }
}

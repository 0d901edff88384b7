import KernelTestSupport
import TensorCore
import TensorKernels

/// int8 layers and the kernels around them: exact, so compared to the bit.
func tryInt8Layers(_ trial: inout Trial) {
  for count in [1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 100] { tryQuantization(count, &trial) }
  typealias Shape = Scalar.ConvolutionShape
  for shape in [
    Shape(1, 1, 1, 1, kernel: 1), Shape(5, 7, 3, 9, kernel: 1), Shape(9, 8, 16, 17, kernel: 1),
    Shape(7, 9, 5, 4, kernel: 1, stride: 2), Shape(4, 5, 3, 2, kernel: 1, padding: 1),
    Shape(12, 13, 3, 16, kernel: 3, stride: 2, padding: 1), Shape(11, 6, 16, 8, kernel: 3, padding: 1),
    Shape(6, 20, 8, 33, kernel: 3, padding: 1), Shape(14, 9, 8, 7, kernel: 3, padding: 2, dilation: 2),
    Shape(11, 13, 4, 35, kernel: 5, padding: 2), Shape(3, 30, 20, 31, kernel: 3, padding: 2),
    Shape(4, 50, 16, 33, kernel: 3, padding: 1), Shape(1, 47, 128, 34, kernel: 1),
  ] {
    for (hasResidual, relu) in everyEpilogue { tryConvolution(shape, hasResidual: hasResidual, relu: relu, &trial) }
  }
  tryExtremes(&trial)
  for (rows, inputs, outputs) in [(1, 1, 1), (2, 7, 9), (5, 31, 15), (33, 16, 1), (29, 64, 43)] {
    for (hasResidual, relu) in everyEpilogue {
      tryLinear(rows, inputs, outputs, hasResidual: hasResidual, relu: relu, &trial)
    }
  }
  tryFeedForward(&trial)
  tryMaxPool(&trial)
}

extension QuantizedWeight {
  fileprivate init(_ layer: Scalar.QuantizedLayer) {
    self.init(
      values: Constant(layer.weight), scales: Constant(layer.scales), bias: layer.bias.map { Constant($0) },
      input: layer.input)
  }
}

private func tryQuantization(_ count: Int, _ trial: inout Trial) {
  var random = SeededGenerator(count)
  let quantization = QuantizationParameters(scale: 0.013, zeroPoint: 119)
  var x = random.floats(count, in: -3...3)
  let strange: [Float] = [
    0, -0.0, .infinity, -.infinity, 1e30, -1e30, 0.0065, 0.0195, -0.0065, .leastNonzeroMagnitude,
  ]
  for (index, value) in strange.enumerated() where index < count { x[index] = value }
  func quantized(_ x: [Float], _ context: ExecutionContext) -> Trial.Result {
    let floats = GuardedMatrix(rows: count, columns: 1, values: x)
    let bytes = GuardedBytes(height: count, width: 1, channels: 1, quantization)
    quantize(floats.map(height: count, width: 1), into: bytes.map, context)
    return .bytes(bytes)
  }
  trial.expect("quantization of \(count)", equal: Scalar.quantize(x, quantization)) { quantized(x, $0) }
  trial.expect("quantization of \(count) times NaN", equal: [UInt8](repeating: 0, count: count)) {
    quantized([Float](repeating: .nan, count: count), $0)
  }
}

private func tryConvolution(
  _ shape: Scalar.ConvolutionShape, hasResidual: Bool, relu: Bool, _ trial: inout Trial
) {
  var random = SeededGenerator(shape.height * 64 + shape.width)
  var layer = random.layer(
    outputs: shape.outputs, depth: shape.inputs * shape.kernel * shape.kernel, hasBias: !hasResidual)
  let x = random.bytes(shape.height * shape.width * shape.inputs)
  let input = GuardedBytes(height: shape.height, width: shape.width, channels: shape.inputs, layer.input, values: x)
  let sums = Scalar.quantizedSums(x, layer, shape)
  let (height, width) = (shape.outputHeight, shape.outputWidth)
  let activation: Activation = relu ? .relu : .none
  let name = "int8 convolution \(shape.description), residual \(hasResidual), relu \(relu)"
  func convolution() -> Convolution {
    Convolution(
      quantized: QuantizedWeight(layer), inputs: shape.inputs, outputs: shape.outputs, kernel: shape.kernel,
      stride: shape.stride, padding: shape.padding, dilation: shape.dilation, output: layer.output,
      residual: layer.residual)
  }

  let toFloats = convolution()
  let floats = random.floats(sums.count)
  let expected = Scalar.floats(sums, layer, residual: hasResidual ? floats : nil, relu: relu)
  trial.expect("\(name), to fp32", equal: expected) { context in
    let y = GuardedMatrix(rows: height * width, columns: shape.outputs, values: floats)
    let map = FeatureView.floats(y.map(height: height, width: width))
    toFloats(.bytes(input.map), into: map, activation: activation, residual: hasResidual ? map : nil, context)
    return .matrix(y)
  }

  let added = QuantizationParameters(scale: 0.21, zeroPoint: 77)
  let output = QuantizationParameters(scale: 0.37, zeroPoint: relu ? 0 : 101)
  layer.output = output
  layer.residual = hasResidual ? added : nil
  let toBytes = convolution()
  let residual = random.bytes(sums.count)
  let expectedBytes = Scalar.bytes(sums, layer, residual: hasResidual ? residual : nil, relu: relu)
  trial.expect("\(name), to int8", equal: expectedBytes) { context in
    // The residual lies where the result goes.
    let y = GuardedBytes(height: height, width: width, channels: shape.outputs, output, values: residual)
    toBytes(
      .bytes(input.map), into: .bytes(y.map), activation: activation,
      residual: hasResidual ? .bytes(y.map.requantized(added)) : nil, context)
    return .bytes(y)
  }
}

private func tryLargeSums(_ trial: inout Trial) {
  let (layer, sums) = Scalar.QuantizedLayer.largeSums(columns: 9)
  let (rows, depth) = (21, layer.weight.count / 9)
  let input = GuardedMatrix(rows: rows, columns: depth, values: Array(repeating: 255, count: rows * depth))
  let linear = Linear(quantized: QuantizedWeight(layer), inputs: depth, outputs: 9)
  let expected = (0..<rows).flatMap { _ in sums }
  trial.expect("int8 linear, large sums", equal: expected) { context in
    let y = GuardedMatrix(rows: rows, columns: 9)
    linear(input.view, into: y.view, context)
    return .matrix(y)
  }
}

/// The largest sums, and results that leave the range of bytes.
private func tryExtremes(_ trial: inout Trial) {
  let depth = 4608
  for weight in [-127, 127] as [Int8] {
    let layer = Scalar.QuantizedLayer(
      weight: Array(repeating: weight, count: 9 * depth), scales: Array(repeating: 1, count: 9), bias: nil,
      input: QuantizationParameters(scale: 1, zeroPoint: 0))
    let input = GuardedBytes(
      height: 1, width: 5, channels: depth, layer.input, values: Array(repeating: 255, count: 5 * depth))
    let convolution = Convolution(
      quantized: QuantizedWeight(layer), inputs: depth, outputs: 9, kernel: 1, output: nil)
    let expected = [Float](repeating: Float(255 * depth * Int(weight)), count: 5 * 9)
    trial.expect("int8 convolution of extremes, weight \(weight)", equal: expected) { context in
      let y = GuardedMatrix(rows: 5, columns: 9)
      convolution(.bytes(input.map), into: .floats(y.map(height: 1, width: 5)), context)
      return .matrix(y)
    }
  }
  tryLargeSums(&trial)
  let output = QuantizationParameters(scale: 1, zeroPoint: 9)
  let layer = Scalar.QuantizedLayer(
    weight: [1, 1, 1, 1, 1], scales: [1, -1, 1e30, -1e30, 0], bias: [0, 0, 0, 0, 1e38],
    input: QuantizationParameters(scale: 1000, zeroPoint: 0))
  let input = GuardedBytes(height: 1, width: 1, channels: 1, layer.input, values: [255])
  let convolution = Convolution(
    quantized: QuantizedWeight(layer), inputs: 1, outputs: 5, kernel: 1, output: output)
  trial.expect("int8 convolution that saturates", equal: [255, 0, 255, 0, 255] as [UInt8]) { context in
    let y = GuardedBytes(height: 1, width: 1, channels: 5, output)
    convolution(.bytes(input.map), into: .bytes(y.map), context)
    return .bytes(y)
  }
}

private func tryLinear(
  _ rows: Int, _ inputs: Int, _ outputs: Int, hasResidual: Bool, relu: Bool, _ trial: inout Trial
) {
  var random = SeededGenerator(rows + outputs)
  let x = random.matrix(rows, inputs, gap: 3, in: -30...30)
  let residual = random.floats(rows * outputs)
  let layer = random.layer(outputs: outputs, depth: inputs, hasBias: !hasResidual)
  let sums = Scalar.linearSums(Scalar.quantize(x.values, layer.input), layer, rows: rows)
  let linear = Linear(quantized: QuantizedWeight(layer), inputs: inputs, outputs: outputs)
  trial.expect(
    "int8 linear \(rows) x \(inputs) > \(outputs), residual \(hasResidual), relu \(relu)",
    equal: Scalar.floats(sums, layer, residual: hasResidual ? residual : nil, relu: relu)
  ) { context in
    let y = GuardedMatrix(rows: rows, columns: outputs, gap: 2, values: residual)
    linear(x.view, into: y.view, activation: relu ? .relu : .none, residual: hasResidual ? y.view : nil, context)
    return .matrix(y)
  }
}

private func tryFeedForward(_ trial: inout Trial) {
  let (rows, width, hidden) = (131, 22, 75)
  var random = SeededGenerator(5)
  let x = random.floats(rows * width, in: -20...20)
  var first = random.layer(outputs: hidden, depth: width, hasBias: true)
  var second = random.layer(outputs: width, depth: hidden, hasBias: true)
  second.input = QuantizationParameters(scale: 0.05, zeroPoint: 0)
  first.output = second.input
  let between = Scalar.bytes(
    Scalar.linearSums(Scalar.quantize(x, first.input), first, rows: rows), first, residual: nil, relu: true)
  let sums = Scalar.floats(Scalar.linearSums(between, second, rows: rows), second, residual: x, relu: false)
  let (gamma, beta) = (random.floats(width), random.floats(width))
  let feedForward = FeedForward(
    linear1: Linear(quantized: QuantizedWeight(first), inputs: width, outputs: hidden, output: first.output),
    linear2: Linear(quantized: QuantizedWeight(second), inputs: hidden, outputs: width),
    norm: LayerNorm(weight: Constant(gamma), bias: Constant(beta)))
  trial.expect(
    "int8 feed-forward", near: Scalar.layerNorm(sums, weight: gamma, bias: beta, epsilon: 1e-5), absolute: 1e-4
  ) { context in
    let values = GuardedMatrix(rows: rows, columns: width, gap: 1, values: x)
    feedForward(values.view, context)
    return .matrix(values)
  }
}

private func tryMaxPool(_ trial: inout Trial) {
  var random = SeededGenerator(9)
  let x = random.bytes(11 * 10 * 17)
  let input = GuardedBytes(
    height: 11, width: 10, channels: 17, QuantizationParameters(scale: 0.5, zeroPoint: 200), values: x)
  let expected = Scalar.maxPool(
    x.map { Float($0) }, height: 11, width: 10, channels: 17, kernel: 3, stride: 2, padding: 1)
  trial.expect("int8 max pool", equal: expected) { context in
    let y = maxPool(input.map, kernel: 3, stride: 2, padding: 1, context)
    return .floats((0..<y.map.count).map { Float(y.map.base[$0]) })
  }
}

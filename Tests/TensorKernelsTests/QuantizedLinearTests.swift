import TensorCore
import TensorKernels
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct QuantizedLinearTests {
  @Test(arguments: LinearTests.shapes, KernelBackend.available)
  func agreesWithScalar(_ shape: LinearTests.Shape, _ backend: KernelBackend) {
    var random = SeededGenerator(shape.rows + shape.outputs)
    let x = random.floats(shape.rows * shape.inputs).map { $0 * 30 }
    let residual = random.floats(shape.rows * shape.outputs)
    let input = GuardedMatrix(rows: shape.rows, columns: shape.inputs, gap: shape.gap, values: x)
    for (hasBias, hasResidual, relu) in everyCombination {
      let layer = random.layer(outputs: shape.outputs, depth: shape.inputs, hasBias: hasBias)
      let sums = Scalar.linearSums(Scalar.quantize(x, layer.input), layer, rows: shape.rows)
      let expected = Scalar.floats(sums, layer, residual: hasResidual ? residual : nil, relu: relu)
      let linear = Linear(
        quantized: QuantizedWeight(layer), inputs: shape.inputs, outputs: shape.outputs, backend: backend)
      withExecutions { context in
        let output = GuardedMatrix(rows: shape.rows, columns: shape.outputs, gap: shape.gap, values: residual)
        linear(
          input.view, into: output.view, activation: relu ? .relu : .none,
          residual: hasResidual ? output.view : nil, context)
        #expect(output.values == expected)
        output.expectGuardsIntact()
      }
    }
  }

  @Test(arguments: [1, 95, 97, 200], KernelBackend.available)
  func normalizesWhatItWrites(_ rows: Int, _ backend: KernelBackend) {
    var random = SeededGenerator(rows)
    let (x, residual) = (random.floats(rows * 20).map { $0 * 30 }, random.floats(rows * 37))
    let layer = random.layer(outputs: 37, depth: 20, hasBias: true)
    let sums = Scalar.linearSums(Scalar.quantize(x, layer.input), layer, rows: rows)
    let (gamma, beta) = (random.floats(37), random.floats(37))
    let expected = Scalar.layerNorm(
      Scalar.floats(sums, layer, residual: residual, relu: false), weight: gamma, bias: beta, epsilon: 1e-5)
    let linear = Linear(quantized: QuantizedWeight(layer), inputs: 20, outputs: 37, backend: backend)
    let input = GuardedMatrix(rows: rows, columns: 20, values: x)
    withExecutions { context in
      let output = GuardedMatrix(rows: rows, columns: 37, gap: 3, values: residual)
      linear(
        input.view, into: output.view, residual: output.view,
        norm: LayerNorm(weight: Constant(gamma), bias: Constant(beta)), context)
      expectClose(output.values, expected)
      output.expectGuardsIntact()
    }
  }

  /// Bytes between the layers, or floats where one of them is not quantized.
  @Test(arguments: [(true, true), (true, false), (false, true)], KernelBackend.available)
  func feedsForward(_ quantized: (first: Bool, second: Bool), _ backend: KernelBackend) {
    let (rows, width, hidden) = (131, 22, 75)
    var random = SeededGenerator(5)
    let x = random.floats(rows * width).map { $0 * 20 }
    var first = random.layer(outputs: hidden, depth: width, hasBias: true)
    var second = random.layer(outputs: width, depth: hidden, hasBias: true)
    second.input = QuantizationParameters(scale: 0.05, zeroPoint: 0)
    first.output = quantized == (true, true) ? second.input : nil
    let between =
      quantized.first
      ? Scalar.linearSums(Scalar.quantize(x, first.input), first, rows: rows) : []
    let hiddenRows =
      quantized.first
      ? Scalar.floats(between, first, residual: nil, relu: true)
      : Scalar.finish(
        Scalar.linear(x, weight: first.floatWeight, bias: first.bias, rows: rows, inputs: width, outputs: hidden),
        residual: nil, relu: true)
    let hiddenBytes =
      first.output == nil
      ? Scalar.quantize(hiddenRows, second.input) : Scalar.bytes(between, first, residual: nil, relu: true)
    let sums =
      quantized.second
      ? Scalar.floats(Scalar.linearSums(hiddenBytes, second, rows: rows), second, residual: x, relu: false)
      : Scalar.finish(
        Scalar.linear(
          hiddenRows, weight: second.floatWeight, bias: second.bias, rows: rows, inputs: hidden, outputs: width),
        residual: x, relu: false)
    let (gamma, beta) = (random.floats(width), random.floats(width))
    let expected = Scalar.layerNorm(sums, weight: gamma, bias: beta, epsilon: 1e-5)
    let feedForward = FeedForward(
      linear1: first.linear(inputs: width, isQuantized: quantized.first, backend),
      linear2: second.linear(inputs: hidden, isQuantized: quantized.second, backend),
      norm: LayerNorm(weight: Constant(gamma), bias: Constant(beta)))
    withExecutions { context in
      let rows = GuardedMatrix(rows: rows, columns: width, gap: 1, values: x)
      feedForward(rows.view, context)
      // A hidden value that is rounded to the other side moves a result by a step.
      expectClose(rows.values, expected, absolute: quantized == (false, true) ? 2e-2 : 1e-4)
      rows.expectGuardsIntact()
    }
  }
}

extension Scalar.QuantizedLayer {
  var floatWeight: [Float] {
    weight.indices.map { Float(weight[$0]) * scales[$0 / (weight.count / scales.count)] }
  }

  func linear(inputs: Int, isQuantized: Bool, _ backend: KernelBackend) -> Linear {
    isQuantized
      ? Linear(
        quantized: QuantizedWeight(self), inputs: inputs, outputs: scales.count, output: output,
        backend: backend)
      : Linear(
        weight: Constant(floatWeight), bias: bias.map { Constant($0) }, inputs: inputs, outputs: scales.count,
        backend: backend)
  }
}

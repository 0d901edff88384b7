import TensorCore
import TensorKernels
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct FeedForwardTests {
  /// Rows, inputs, hidden.
  static let shapes = [[1, 4, 8], [13, 20, 40], [97, 16, 33], [200, 64, 256]]

  @Test(arguments: shapes, KernelBackend.available)
  func agreesWithScalar(_ shape: [Int], _ backend: KernelBackend) {
    let (rows, inputs, hidden) = (shape[0], shape[1], shape[2])
    var random = SeededGenerator(rows + inputs)
    let x = random.floats(rows * inputs)
    let (weight1, bias1) = (random.floats(hidden * inputs), random.floats(hidden))
    let (weight2, bias2) = (random.floats(inputs * hidden), random.floats(inputs))
    let (scale, shift) = (random.floats(inputs), random.floats(inputs))
    let inner = Scalar.finish(
      Scalar.linear(x, weight: weight1, bias: bias1, rows: rows, inputs: inputs, outputs: hidden), residual: nil,
      relu: true)
    let sum = Scalar.finish(
      Scalar.linear(inner, weight: weight2, bias: bias2, rows: rows, inputs: hidden, outputs: inputs), residual: x,
      relu: false)
    let expected = Scalar.layerNorm(sum, weight: scale, bias: shift, epsilon: 1e-5)
    let feedForward = FeedForward(
      linear1: Linear(
        weight: Constant(weight1), bias: Constant(bias1), inputs: inputs, outputs: hidden, backend: backend),
      linear2: Linear(
        weight: Constant(weight2), bias: Constant(bias2), inputs: hidden, outputs: inputs, backend: backend),
      norm: LayerNorm(weight: Constant(scale), bias: Constant(shift)))
    withExecutions { context in
      let values = GuardedMatrix(rows: rows, columns: inputs, gap: 3, values: x)
      feedForward(values.view, context)
      expectClose(values.values, expected, shape: [rows, inputs], absolute: 5e-5)
      values.expectGuardsIntact()
    }
  }

  @Test(arguments: shapes) func linearWithNormAgreesWithScalar(_ shape: [Int]) {
    let (rows, inputs, outputs) = (shape[0], shape[1], shape[2])
    var random = SeededGenerator(rows + outputs)
    let (x, residual) = (random.floats(rows * inputs), random.floats(rows * outputs))
    let (weight, bias) = (random.floats(outputs * inputs), random.floats(outputs))
    let (scale, shift) = (random.floats(outputs), random.floats(outputs))
    let products = Scalar.linear(x, weight: weight, bias: bias, rows: rows, inputs: inputs, outputs: outputs)
    let expected = Scalar.layerNorm(
      Scalar.finish(products, residual: residual, relu: false), weight: scale, bias: shift, epsilon: 1e-5)
    let linear = Linear(weight: Constant(weight), bias: Constant(bias), inputs: inputs, outputs: outputs)
    let norm = LayerNorm(weight: Constant(scale), bias: Constant(shift))
    let input = GuardedMatrix(rows: rows, columns: inputs, values: x)
    withExecutions { context in
      let values = GuardedMatrix(rows: rows, columns: outputs, gap: 2, values: residual)
      linear(input.view, into: values.view, residual: values.view, norm: norm, context)
      expectClose(values.values, expected, shape: [rows, outputs], absolute: 5e-5)
      values.expectGuardsIntact()
    }
  }
}

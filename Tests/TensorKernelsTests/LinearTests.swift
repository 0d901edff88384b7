import TensorCore
import TensorKernels
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct LinearTests {
  struct Shape: Sendable, CustomStringConvertible {
    var rows: Int
    var inputs: Int
    var outputs: Int
    var gap = 0
    var description: String { "\(rows)×\(inputs)→\(outputs) gap \(gap)" }
  }

  static let shapes = [
    Shape(rows: 1, inputs: 1, outputs: 1), Shape(rows: 1, inputs: 256, outputs: 3),
    Shape(rows: 2, inputs: 7, outputs: 9, gap: 1), Shape(rows: 3, inputs: 8, outputs: 17),
    Shape(rows: 5, inputs: 31, outputs: 15, gap: 5), Shape(rows: 33, inputs: 16, outputs: 1),
    Shape(rows: 100, inputs: 64, outputs: 260, gap: 4), Shape(rows: 100, inputs: 5, outputs: 1100),
    Shape(rows: 1030, inputs: 12, outputs: 8, gap: 3), Shape(rows: 700, inputs: 4, outputs: 70),
    Shape(rows: 9, inputs: 1030, outputs: 33), Shape(rows: 4, inputs: 512, outputs: 16),
  ]

  @Test(arguments: shapes, KernelBackend.available)
  func agreesWithScalar(_ shape: Shape, _ backend: KernelBackend) {
    var random = SeededGenerator(shape.rows * 31 + shape.outputs)
    let x = random.floats(shape.rows * shape.inputs)
    let weight = random.floats(shape.outputs * shape.inputs)
    let bias = random.floats(shape.outputs)
    let residual = random.floats(shape.rows * shape.outputs)
    let input = GuardedMatrix(rows: shape.rows, columns: shape.inputs, gap: shape.gap, values: x)
    let added = GuardedMatrix(rows: shape.rows, columns: shape.outputs, gap: shape.gap * 2, values: residual)
    for (hasBias, hasResidual, relu) in everyCombination {
      let products = Scalar.linear(
        x, weight: weight, bias: hasBias ? bias : nil, rows: shape.rows, inputs: shape.inputs, outputs: shape.outputs)
      let expected = Scalar.finish(products, residual: hasResidual ? residual : nil, relu: relu)
      let linear = Linear(
        weight: Constant(weight), bias: hasBias ? Constant(bias) : nil, inputs: shape.inputs, outputs: shape.outputs,
        backend: backend)
      withExecutions { context in
        let output = GuardedMatrix(rows: shape.rows, columns: shape.outputs, gap: shape.gap)
        linear(
          input.view, into: output.view, activation: relu ? .relu : .none, residual: hasResidual ? added.view : nil,
          context)
        expectClose(
          output.values, expected, shape: [shape.rows, shape.outputs], absolute: 2e-5,
          "bias \(hasBias), residual \(hasResidual), relu \(relu)")
        output.expectGuardsIntact()
      }
    }
  }

  @Test func addsToWhatIsThere() {
    var random = SeededGenerator(1)
    let (x, weight, residual) = (random.floats(40 * 9), random.floats(11 * 9), random.floats(40 * 11))
    let linear = Linear(weight: Constant(weight), bias: nil, inputs: 9, outputs: 11)
    let input = GuardedMatrix(rows: 40, columns: 9, values: x)
    let products = Scalar.linear(x, weight: weight, bias: nil, rows: 40, inputs: 9, outputs: 11)
    withExecutions { context in
      let output = GuardedMatrix(rows: 40, columns: 11, gap: 2, values: residual)
      linear(input.view, into: output.view, residual: output.view, context)
      expectClose(output.values, Scalar.finish(products, residual: residual, relu: false))
    }
  }

  @Test func makesItsResult() {
    let linear = Linear(weight: Constant([1, 2, 3, 4]), bias: Constant([10, 20]), inputs: 2, outputs: 2)
    let input = GuardedMatrix(rows: 1, columns: 2, values: [1, -1])
    withExecutions { context in
      let y = linear(input.view, activation: .relu, context)
      expectClose(Array(y.elements), [9, 19])
    }
  }

  @Test func keepsNaN() {
    let linear = Linear(weight: Constant([1]), bias: nil, inputs: 1, outputs: 1)
    let input = GuardedMatrix(rows: 9, columns: 1, values: [-1, 2, .nan, 3, -4, 5, -6, 7, .nan])
    withExecutions { context in
      let y = linear(input.view, activation: .relu, context)
      expectClose(Array(y.elements), [0, 2, .nan, 3, 0, 5, 0, 7, .nan])
    }
  }
}

/// Bias or none, residual or none, ReLU or none.
let everyCombination: [(Bool, Bool, Bool)] = (0..<8).map { ($0 & 1 != 0, $0 & 2 != 0, $0 & 4 != 0) }

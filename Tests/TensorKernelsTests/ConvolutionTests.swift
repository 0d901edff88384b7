import TensorCore
import TensorKernels
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ConvolutionTests {
  typealias Shape = Scalar.ConvolutionShape

  static let shapes = [
    Shape(1, 1, 1, 1, kernel: 1), Shape(5, 7, 3, 9, kernel: 1), Shape(9, 8, 16, 17, kernel: 1),
    Shape(7, 9, 5, 4, kernel: 1, stride: 2), Shape(8, 8, 8, 8, kernel: 1, stride: 3),
    Shape(4, 5, 3, 2, kernel: 1, padding: 1),
    Shape(1, 1, 2, 3, kernel: 3, padding: 1), Shape(1, 9, 4, 5, kernel: 3, padding: 1),
    Shape(9, 1, 4, 5, kernel: 3, padding: 1), Shape(2, 2, 3, 8, kernel: 3, padding: 1),
    Shape(12, 13, 3, 16, kernel: 3, stride: 2, padding: 1), Shape(11, 6, 16, 8, kernel: 3, padding: 1),
    Shape(10, 11, 7, 15, kernel: 3, stride: 2, padding: 1), Shape(9, 9, 4, 4, kernel: 3),
    Shape(14, 9, 8, 7, kernel: 3, padding: 2, dilation: 2), Shape(10, 10, 4, 3, kernel: 3, padding: 3, dilation: 3),
    Shape(13, 12, 4, 5, kernel: 3, stride: 3, padding: 1, dilation: 2),
    Shape(17, 15, 3, 8, kernel: 7, stride: 2, padding: 3), Shape(6, 5, 2, 3, kernel: 5, padding: 2),
    Shape(40, 33, 8, 4, kernel: 3, padding: 1), Shape(6, 7, 400, 3, kernel: 3, padding: 1),
    Shape(6, 7, 180, 3, kernel: 3, padding: 1), Shape(3, 3, 1, 1100, kernel: 3, padding: 1),
  ]

  /// Those that go through Winograd's transforms where the arithmetic is the fastest: whole tiles and parts of them, more than a block of them.
  static let winogradShapes = [
    Shape(1, 1, 16, 16, kernel: 3, padding: 1), Shape(4, 4, 16, 32, kernel: 3, padding: 1),
    Shape(5, 8, 32, 16, kernel: 3, padding: 1), Shape(9, 13, 48, 80, kernel: 3, padding: 1),
    Shape(7, 6, 16, 48, kernel: 3), Shape(6, 3, 16, 16, kernel: 3, padding: 2),
    Shape(50, 63, 16, 16, kernel: 3, padding: 1), Shape(13, 11, 32, 48, kernel: 3, padding: 2),
    Shape(12, 14, 16, 48, kernel: 3),
  ]

  @Test(arguments: shapes + winogradShapes, KernelBackend.available)
  func agreesWithScalar(_ shape: Shape, _ backend: KernelBackend) {
    var random = SeededGenerator(shape.height * 64 + shape.width)
    let x = random.floats(shape.height * shape.width * shape.inputs)
    let weight = random.floats(shape.weightCount)
    let bias = random.floats(shape.outputs)
    let pixels = shape.outputHeight * shape.outputWidth
    let residual = random.floats(pixels * shape.outputs)
    let input = GuardedMatrix(rows: shape.height * shape.width, columns: shape.inputs, values: x)
    let added = GuardedMatrix(rows: pixels, columns: shape.outputs, values: residual)
    for (hasBias, hasResidual, relu) in everyCombination {
      let products = Scalar.convolution(x, weight: weight, bias: hasBias ? bias : nil, shape)
      let expected = Scalar.finish(products, residual: hasResidual ? residual : nil, relu: relu)
      let convolution = Self.convolution(shape, weight, hasBias ? bias : nil, backend)
      withExecutions { context in
        let output = GuardedMatrix(rows: pixels, columns: shape.outputs)
        convolution(
          input.map(height: shape.height, width: shape.width),
          into: output.map(height: shape.outputHeight, width: shape.outputWidth), activation: relu ? .relu : .none,
          residual: hasResidual ? added.map(height: shape.outputHeight, width: shape.outputWidth) : nil, context)
        expectClose(
          output.values, expected, shape: [shape.outputHeight, shape.outputWidth, shape.outputs], absolute: 5e-5,
          "bias \(hasBias), residual \(hasResidual), relu \(relu)")
        output.expectGuardsIntact()
      }
    }
  }

  @Test(arguments: shapes) func knowsItsOutputSize(_ shape: Shape) {
    let weight = [Float](repeating: 0, count: shape.weightCount)
    let size = Self.convolution(shape, weight, nil).outputSize(height: shape.height, width: shape.width)
    #expect(size == (shape.outputHeight, shape.outputWidth))
  }

  @Test func makesItsResult() {
    let shape = Shape(2, 1, 1, 1, kernel: 3, padding: 1)
    let weight: [Float] = [0, 1, 0, 0, 2, 0, 0, 4, 0]
    let input = GuardedMatrix(rows: 2, columns: 1, values: [1, 10])
    withExecutions { context in
      let y = Self.convolution(shape, weight, [0.5])(input.map(height: 2, width: 1), context)
      expectClose(Array(y.elements), [42.5, 21.5])
    }
  }

  @Test func makesNothingOfAnImageSmallerThanItsKernel() {
    let convolution = Self.convolution(Shape(3, 3, 1, 1, kernel: 3), [Float](repeating: 1, count: 9), nil)
    let size = convolution.outputSize(height: 2, width: 9)
    #expect(size == (0, 7))
  }

  static func convolution(
    _ shape: Shape, _ weight: [Float], _ bias: [Float]?, arithmetic: Arithmetic = .fastest,
    _ backend: KernelBackend = .best
  ) -> Convolution {
    weight.withUnsafeBufferPointer {
      Convolution(
        weightOIHW: $0, bias: bias.map { Constant($0) }, inputs: shape.inputs, outputs: shape.outputs,
        kernel: shape.kernel, stride: shape.stride, padding: shape.padding, dilation: shape.dilation,
        arithmetic: arithmetic, backend: backend)
    }
  }
}

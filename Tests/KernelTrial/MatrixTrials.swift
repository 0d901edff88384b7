import KernelTestSupport
import TensorCore
import TensorKernels

/// GEMM micro-kernels, fused and unfused, with packed weights and with operands that are packed panel by panel.
func tryMatrixProducts(_ trial: inout Trial) {
  // Rows, inputs, outputs, gap between rows.
  for (rows, inputs, outputs, gap) in [
    (1, 1, 1, 0), (2, 7, 9, 1), (3, 8, 17, 0), (5, 31, 15, 5), (33, 16, 1, 0), (29, 64, 43, 3), (13, 300, 33, 0),
  ] {
    for (hasResidual, relu) in everyEpilogue {
      for arithmetic in bothArithmetics {
        tryLinear(rows, inputs, outputs, gap, hasResidual: hasResidual, relu: relu, arithmetic, &trial)
      }
    }
  }
  // Rows, depth, columns.
  for (rows, depth, columns) in [(1, 1, 1), (1, 5, 70), (7, 16, 9), (13, 17, 71), (4, 3, 0), (3, 0, 4), (30, 40, 37)] {
    for transposeB in [false, true] {
      for arithmetic in bothArithmetics { tryProduct(rows, depth, columns, transposeB, arithmetic, &trial) }
    }
  }
  keepNaN(&trial)
}

private func tryLinear(
  _ rows: Int, _ inputs: Int, _ outputs: Int, _ gap: Int, hasResidual: Bool, relu: Bool, _ arithmetic: Arithmetic,
  _ trial: inout Trial
) {
  var random = SeededGenerator(rows * 31 + outputs)
  let x = random.matrix(rows, inputs, gap: gap)
  let (weight, bias) = (random.floats(outputs * inputs), random.floats(outputs))
  let residual = random.matrix(rows, outputs, gap: gap)
  let products = Scalar.linear(
    x.values, weight: weight, bias: hasResidual ? nil : bias, rows: rows, inputs: inputs, outputs: outputs)
  let layer = Linear(
    weight: Constant(weight), bias: hasResidual ? nil : Constant(bias), inputs: inputs, outputs: outputs,
    arithmetic: arithmetic)
  trial.expect(
    "linear \(rows) x \(inputs) > \(outputs), residual \(hasResidual), relu \(relu), \(arithmetic.name)",
    near: Scalar.finish(products, residual: hasResidual ? residual.values : nil, relu: relu), absolute: 2e-5, arithmetic
  ) { context in
    let y = GuardedMatrix(rows: rows, columns: outputs, gap: gap)
    layer(
      x.view, into: y.view, activation: relu ? .relu : .none, residual: hasResidual ? residual.view : nil, context)
    return .matrix(y)
  }
}

private func tryProduct(
  _ rows: Int, _ depth: Int, _ columns: Int, _ transposeB: Bool, _ arithmetic: Arithmetic, _ trial: inout Trial
) {
  var random = SeededGenerator(rows + columns)
  let a = random.matrix(rows, depth, gap: 3)
  let b = transposeB ? random.matrix(columns, depth, gap: 1) : random.matrix(depth, columns, gap: 1)
  let expected = Scalar.matrixProduct(
    a.values, b.values, rows: rows, depth: depth, columns: columns, transposeB: transposeB)
  trial.expect(
    "product \(rows) x \(depth) x \(columns), transposed \(transposeB), \(arithmetic.name)", near: expected,
    absolute: 2e-5, arithmetic
  ) { context in
    let c = GuardedMatrix(rows: rows, columns: columns, gap: 2)
    matrixProduct(a.view, b.view, transposeB: transposeB, into: c.view, context)
    return .matrix(c)
  }
}

/// Processors differ in what the larger one of a number and NaN is.
private func keepNaN(_ trial: inout Trial) {
  let layer = Linear(weight: Constant([1]), bias: nil, inputs: 1, outputs: 1, arithmetic: .reproducible)
  let x = GuardedMatrix(rows: 9, columns: 1, values: [-1, 2, .nan, 3, -4, 5, -6, 7, .nan])
  trial.expect("NaN through ReLU", equal: [0, 2, .nan, 3, 0, 5, 0, 7, .nan]) { context in
    let y = GuardedMatrix(rows: 9, columns: 1)
    layer(x.view, into: y.view, activation: .relu, context)
    return .matrix(y)
  }
}

/// Convolutions that are one product, that gather pixels, and that go through Winograd's transforms, which takes the
/// fastest arithmetic.
func tryConvolutions(_ trial: inout Trial) {
  typealias Shape = Scalar.ConvolutionShape
  for shape in [
    Shape(5, 7, 3, 9, kernel: 1), Shape(7, 9, 5, 4, kernel: 1, stride: 2), Shape(4, 5, 3, 2, kernel: 1, padding: 1),
    Shape(1, 9, 4, 5, kernel: 3, padding: 1), Shape(9, 1, 4, 5, kernel: 3, padding: 1),
    Shape(11, 6, 16, 8, kernel: 3, padding: 1), Shape(10, 11, 7, 15, kernel: 3, stride: 2, padding: 1),
    Shape(14, 9, 8, 7, kernel: 3, padding: 2, dilation: 2), Shape(17, 15, 3, 8, kernel: 7, stride: 2, padding: 3),
    Shape(4, 4, 16, 32, kernel: 3, padding: 1), Shape(9, 13, 32, 48, kernel: 3, padding: 1),
    Shape(7, 6, 16, 48, kernel: 3), Shape(13, 11, 16, 16, kernel: 3, padding: 2),
    Shape(30, 31, 16, 16, kernel: 3, padding: 1),
  ] {
    for (hasResidual, relu) in everyEpilogue.prefix(2) {
      for arithmetic in bothArithmetics {
        tryConvolution(shape, hasResidual: hasResidual, relu: relu, arithmetic, &trial)
      }
    }
  }
}

private func tryConvolution(
  _ shape: Scalar.ConvolutionShape, hasResidual: Bool, relu: Bool, _ arithmetic: Arithmetic, _ trial: inout Trial
) {
  var random = SeededGenerator(shape.height * 64 + shape.width)
  let x = random.matrix(shape.height * shape.width, shape.inputs)
  let (weight, bias) = (random.floats(shape.weightCount), random.floats(shape.outputs))
  let residual = random.matrix(shape.outputHeight * shape.outputWidth, shape.outputs)
  let products = Scalar.convolution(x.values, weight: weight, bias: bias, shape)
  let layer = weight.withUnsafeBufferPointer {
    Convolution(
      weightOIHW: $0, bias: Constant(bias), inputs: shape.inputs, outputs: shape.outputs, kernel: shape.kernel,
      stride: shape.stride, padding: shape.padding, dilation: shape.dilation, arithmetic: arithmetic)
  }
  trial.expect(
    "convolution \(shape.description), residual \(hasResidual), relu \(relu), \(arithmetic.name)",
    near: Scalar.finish(products, residual: hasResidual ? residual.values : nil, relu: relu), absolute: 5e-5, arithmetic
  ) { context in
    let y = GuardedMatrix(rows: shape.outputHeight * shape.outputWidth, columns: shape.outputs)
    layer(
      x.map(height: shape.height, width: shape.width),
      into: y.map(height: shape.outputHeight, width: shape.outputWidth), activation: relu ? .relu : .none,
      residual: hasResidual ? residual.map(height: shape.outputHeight, width: shape.outputWidth) : nil, context)
    return .matrix(y)
  }
}

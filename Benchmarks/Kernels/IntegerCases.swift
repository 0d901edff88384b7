import BenchmarkSupport
import TensorCore
import TensorKernels

extension Bed {
  /// Layers of bytes as ResNet-101 and its decoders have them at an input of 640 × 1152: convolutions read and write
  /// bytes, linear layers floats.
  var integerCases: [KernelCase] {
    [
      linear(rows: 15_120, inputs: 256, outputs: 1024),
      linear(rows: 15_120, inputs: 1024, outputs: 256),
      linear(rows: 15_120, inputs: 256, outputs: 256),
      linear(rows: 100, inputs: 256, outputs: 2048),
      convolution(320, 576, inputs: 64, outputs: 128),
      convolution(160, 288, inputs: 64, outputs: 64),
      convolution(160, 288, inputs: 256, outputs: 256),
      convolution(80, 144, inputs: 128, outputs: 128),
      convolution(80, 144, inputs: 256, outputs: 256, stride: 2),
      convolution(40, 72, inputs: 256, outputs: 256),
      convolution(20, 36, inputs: 512, outputs: 512),
      convolution(160, 288, inputs: 64, outputs: 256, kernel: 1, isAdded: true),
      convolution(80, 144, inputs: 128, outputs: 512, kernel: 1, isAdded: true),
      convolution(40, 72, inputs: 1024, outputs: 256, kernel: 1),
      convolution(40, 72, inputs: 256, outputs: 1024, kernel: 1, isAdded: true),
      convolution(20, 36, inputs: 512, outputs: 2048, kernel: 1, isAdded: true),
      convolution(80, 144, inputs: 512, outputs: 1024, kernel: 1, stride: 2),
    ]
  }

  private func linear(rows: Int, inputs: Int, outputs: Int) -> KernelCase {
    let layer = Linear(
      quantized: quantizedWeight(outputs: outputs, depth: inputs), inputs: inputs, outputs: outputs,
      backend: backend)
    let (x, y, context) = (matrix(rows, inputs), matrix(rows, outputs), context)
    return KernelCase(
      "int8 linear \(rows) × \(inputs) × \(outputs)", .linear(rows: rows, inputs: inputs, outputs: outputs), .bytes
    ) {
      layer(x.matrix, into: y.matrix, activation: .relu, context)
      context.arena.consolidate()
    }
  }

  /// - Parameter isAdded: Whether the result is added to another map, as a residual block's last one.
  private func convolution(
    _ height: Int, _ width: Int, inputs: Int, outputs: Int, kernel: Int = 3, stride: Int = 1, isAdded: Bool = false
  ) -> KernelCase {
    let layer = Convolution(
      quantized: quantizedWeight(outputs: outputs, depth: inputs * kernel * kernel), inputs: inputs, outputs: outputs,
      kernel: kernel, stride: stride, padding: kernel / 2, output: Self.quantization,
      residual: isAdded ? Self.quantization : nil, backend: backend)
    let shape = ConvolutionCase(
      height, width, inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, to: layer)
    let (x, y, context) = (bytes(height, width, inputs), bytes(shape.to.height, shape.to.width, outputs), context)
    let added = isAdded ? bytes(shape.to.height, shape.to.width, outputs) : nil
    return KernelCase("int8 \(shape.name)\(isAdded ? ", added" : "")", shape.work, .bytes) {
      layer(
        .bytes(x.bytes), into: .bytes(y.bytes), activation: .relu, residual: added.map { .bytes($0.bytes) }, context)
      context.arena.consolidate()
    }
  }
}

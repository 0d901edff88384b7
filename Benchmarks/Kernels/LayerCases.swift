import BenchmarkSupport
import TensorCore
import TensorKernels

extension Bed {
  /// Linear layers and convolutions as ResNet-101 and its decoders have them at an input of 640 × 1152.
  var layerCases: [KernelCase] {
    [
      linear(rows: 15_120, inputs: 256, outputs: 1024),
      linear(rows: 15_120, inputs: 1024, outputs: 256),
      linear(rows: 15_120, inputs: 256, outputs: 256),
      linear(rows: 46_080, inputs: 64, outputs: 256),
      linear(rows: 11_520, inputs: 128, outputs: 512),
      linear(rows: 2_880, inputs: 1024, outputs: 256),
      linear(rows: 720, inputs: 512, outputs: 2048),
      linear(rows: 100, inputs: 256, outputs: 2048),
      convolution(640, 1152, inputs: 3, outputs: 64, stride: 2),
      convolution(320, 576, inputs: 64, outputs: 128),
      convolution(160, 288, inputs: 64, outputs: 64),
      convolution(160, 288, inputs: 256, outputs: 256),
      convolution(80, 144, inputs: 128, outputs: 128),
      convolution(80, 144, inputs: 256, outputs: 256, stride: 2),
      convolution(40, 72, inputs: 256, outputs: 256),
      convolution(20, 36, inputs: 512, outputs: 512),
      convolution(80, 144, inputs: 512, outputs: 1024, kernel: 1, stride: 2),
    ]
  }

  private func linear(rows: Int, inputs: Int, outputs: Int) -> KernelCase {
    let layer = Linear(
      weight: numbers(outputs * inputs, scale: 0.1), bias: numbers(outputs), inputs: inputs, outputs: outputs,
      backend: backend)
    let (x, y, context) = (matrix(rows, inputs), matrix(rows, outputs), context)
    return KernelCase(
      "linear \(rows) × \(inputs) × \(outputs)", .linear(rows: rows, inputs: inputs, outputs: outputs)
    ) { layer(x.matrix, into: y.matrix, activation: .relu, context) }
  }

  private func convolution(
    _ height: Int, _ width: Int, inputs: Int, outputs: Int, kernel: Int = 3, stride: Int = 1
  ) -> KernelCase {
    let layer = numbers(outputs * inputs * kernel * kernel, scale: 0.1).withElements {
      Convolution(
        weightOIHW: $0, bias: numbers(outputs), inputs: inputs, outputs: outputs, kernel: kernel, stride: stride,
        padding: kernel / 2, backend: backend)
    }
    let shape = ConvolutionCase(
      height, width, inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, to: layer)
    let (x, y, context) = (map(height, width, inputs), map(shape.to.height, shape.to.width, outputs), context)
    return KernelCase(shape.name, shape.work) {
      layer(x.map, into: y.map, activation: .relu, context)
      context.arena.consolidate()
    }
  }
}

/// A convolution's size, in words and in work.
struct ConvolutionCase {
  let name: String
  let work: Work
  /// Of the result.
  let to: Extent

  init(_ height: Int, _ width: Int, inputs: Int, outputs: Int, kernel: Int, stride: Int, to layer: Convolution) {
    let size = layer.outputSize(height: height, width: width)
    to = Extent(size.height, size.width)
    work = .convolution(
      from: Extent(height, width), to: to, inputs: inputs, outputs: outputs, kernel: kernel)
    name =
      "\(kernel) × \(kernel)\(stride > 1 ? " / \(stride)" : "") on \(height) × \(width) × \(inputs) → \(outputs)"
  }
}

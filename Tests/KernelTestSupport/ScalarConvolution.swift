extension Scalar {
  /// A convolution's numbers: (height, width, inputs) → (outputHeight, outputWidth, outputs).
  package struct ConvolutionShape: Sendable, CustomStringConvertible {
    package var height: Int
    package var width: Int
    package var inputs: Int
    package var outputs: Int
    package var kernel: Int
    package var stride: Int
    package var padding: Int
    package var dilation: Int

    package init(
      _ height: Int, _ width: Int, _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
      dilation: Int = 1
    ) {
      self.height = height
      self.width = width
      self.inputs = inputs
      self.outputs = outputs
      self.kernel = kernel
      self.stride = stride
      self.padding = padding
      self.dilation = dilation
    }

    package var outputHeight: Int { (height + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1 }
    package var outputWidth: Int { (width + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1 }
    package var weightCount: Int { outputs * inputs * kernel * kernel }

    package var description: String {
      "\(height)×\(width)×\(inputs)→\(outputs) kernel \(kernel) stride \(stride) padding \(padding) dilation \(dilation)"
    }
  }

  /// A convolution of x (height, width, inputs) with the weight (outputs, inputs, kernel, kernel).
  package static func convolution(_ x: [Float], weight: [Float], bias: [Float]?, _ shape: ConvolutionShape) -> [Float] {
    var y: [Float] = []
    for row in 0..<shape.outputHeight {
      for column in 0..<shape.outputWidth {
        for output in 0..<shape.outputs {
          var sum = Double(bias?[output] ?? 0)
          forEachTap(shape, row, column) { tap, pixel in
            for input in 0..<shape.inputs {
              let factor = weight[(output * shape.inputs + input) * shape.kernel * shape.kernel + tap]
              sum += Double(factor) * Double(x[pixel * shape.inputs + input])
            }
          }
          y.append(Float(sum))
        }
      }
    }
    return y
  }

  /// Max pooling of x (height, width, channels).
  package static func maxPool(
    _ x: [Float], height: Int, width: Int, channels: Int, kernel: Int, stride: Int, padding: Int
  ) -> [Float] {
    let shape = ConvolutionShape(
      height, width, channels, channels, kernel: kernel, stride: stride, padding: padding)
    var y: [Float] = []
    for row in 0..<shape.outputHeight {
      for column in 0..<shape.outputWidth {
        for channel in 0..<channels {
          var largest = -Float.infinity
          forEachTap(shape, row, column) { _, pixel in largest = max(largest, x[pixel * channels + channel]) }
          y.append(largest)
        }
      }
    }
    return y
  }

  /// The taps of a kernel that lie inside the image, and the pixels under them.
  private static func forEachTap(
    _ shape: ConvolutionShape, _ row: Int, _ column: Int, _ body: (_ tap: Int, _ pixel: Int) -> Void
  ) {
    for kernelRow in 0..<shape.kernel {
      let y = row * shape.stride - shape.padding + kernelRow * shape.dilation
      for kernelColumn in 0..<shape.kernel {
        let x = column * shape.stride - shape.padding + kernelColumn * shape.dilation
        guard (0..<shape.height).contains(y), (0..<shape.width).contains(x) else { continue }
        body(kernelRow * shape.kernel + kernelColumn, y * shape.width + x)
      }
    }
  }
}

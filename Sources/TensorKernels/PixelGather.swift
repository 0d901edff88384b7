import TensorCore

/// Copies the pixels under a convolution's kernel into the rows of a matrix, a row for each output pixel.
struct PixelGather {
  private let x: FeatureMap
  private let outputWidth: Int
  private let kernel: Int
  private let stride: Int
  private let padding: Int
  private let dilation: Int

  init(_ x: FeatureMap, outputWidth: Int, kernel: Int, stride: Int, padding: Int, dilation: Int) {
    self.x = x
    self.outputWidth = outputWidth
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
  }

  /// Floats under the kernel.
  var depth: Int { kernel * rowDepth }

  /// Floats under one row of the kernel.
  private var rowDepth: Int { kernel * x.channels }

  /// Gathers what lies under the kernel for the output pixels at `pixels` (counted row by row).
  ///
  /// `rows`: (pixels, kernel rows · kernel columns · channels), contiguous. Outside the image there are zeros.
  func callAsFunction(_ pixels: Range<Int>, into rows: Matrix) {
    var (outputY, outputX) = (pixels.lowerBound / outputWidth, pixels.lowerBound % outputWidth)
    var target = rows.base
    for _ in pixels {
      for kernelRow in 0..<kernel {
        gatherRow(outputY * stride - padding + kernelRow * dilation, outputX * stride - padding, into: target)
        target += rowDepth
      }
      outputX += 1
      if outputX == outputWidth { (outputY, outputX) = (outputY + 1, 0) }
    }
  }

  /// One kernel row: the pixels (y, x), (y, x + dilation), ….
  @inline(__always)
  private func gatherRow(_ y: Int, _ left: Int, into target: UnsafeMutablePointer<Float>) {
    let channels = x.channels
    guard y >= 0, y < x.height else { return target.update(repeating: 0, count: rowDepth) }
    if left >= 0, dilation == 1, left + kernel <= x.width {
      target.update(from: x.pixel(y, left), count: rowDepth)
      return
    }
    for tap in 0..<kernel {
      let column = left + tap * dilation
      if column >= 0, column < x.width {
        (target + tap * channels).update(from: x.pixel(y, column), count: channels)
      } else {
        (target + tap * channels).update(repeating: 0, count: channels)
      }
    }
  }
}

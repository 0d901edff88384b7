import TensorCore

/// Copies the pixels under a convolution's kernel into the rows of a matrix, a row for each output pixel.
///
/// Audited as `@unchecked Sendable`: the image is only read.
struct ImplicitIm2Col<Element: BitwiseCopyable>: @unchecked Sendable {
  private let base: UnsafePointer<Element>
  private let height: Int
  private let width: Int
  private let channels: Int
  /// Elements that a pixel takes in a row: its channels, and padding behind them.
  private let pixelLength: Int
  /// Value of pixels outside the image.
  private let outside: Element
  private let outputWidth: Int
  private let kernel: Int
  private let stride: Int
  private let padding: Int
  private let dilation: Int

  init(
    _ base: UnsafePointer<Element>, height: Int, width: Int, channels: Int, pixelLength: Int, outside: Element,
    outputWidth: Int, kernel: Int, stride: Int, padding: Int, dilation: Int
  ) {
    self.base = base
    self.height = height
    self.width = width
    self.channels = channels
    self.pixelLength = pixelLength
    self.outside = outside
    self.outputWidth = outputWidth
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
  }

  /// Elements under the kernel.
  var depth: Int { kernel * rowDepth }

  /// Elements under one row of the kernel.
  private var rowDepth: Int { kernel * pixelLength }

  /// Gathers what lies under the kernel for the output pixels at `pixels` (counted row by row).
  ///
  /// `rows`: (pixels, kernel rows · kernel columns · pixelLength), contiguous.
  func callAsFunction(_ pixels: Range<Int>, into rows: UnsafeMutablePointer<Element>) {
    var (outputY, outputX) = (pixels.lowerBound / outputWidth, pixels.lowerBound % outputWidth)
    var target = rows
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
  private func gatherRow(_ y: Int, _ left: Int, into target: UnsafeMutablePointer<Element>) {
    guard y >= 0, y < height else { return target.update(repeating: outside, count: rowDepth) }
    let row = base + y * width * channels
    if left >= 0, dilation == 1, left + kernel <= width, channels == pixelLength {
      target.update(from: row + left * channels, count: rowDepth)
      return
    }
    for tap in 0..<kernel {
      let column = left + tap * dilation
      let pixel = target + tap * pixelLength
      if column >= 0, column < width {
        pixel.update(from: row + column * channels, count: channels)
        (pixel + channels).update(repeating: outside, count: pixelLength - channels)
      } else {
        pixel.update(repeating: outside, count: pixelLength)
      }
    }
  }
}

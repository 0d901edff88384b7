import TensorCore

/// The sizes of a convolution with a square kernel.
struct ConvolutionShape: Sendable {
  let inputs: Int
  let outputs: Int
  let kernel: Int
  let stride: Int
  let padding: Int
  let dilation: Int

  init(inputs: Int, outputs: Int, kernel: Int, stride: Int, padding: Int, dilation: Int) {
    precondition(inputs > 0 && outputs > 0 && kernel > 0 && stride > 0 && padding >= 0 && dilation > 0)
    self.inputs = inputs
    self.outputs = outputs
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
  }

  var taps: Int { kernel * kernel }

  /// Whether it is one matrix product over the pixels as they are.
  var isPointwise: Bool { kernel == 1 && stride == 1 && padding == 0 }

  /// Output length along an axis; 0 where the kernel does not fit.
  func outputLength(_ length: Int) -> Int {
    let reach = length + 2 * padding - dilation * (kernel - 1)
    return reach < 1 ? 0 : (reach - 1) / stride + 1
  }

  func gather(_ x: FeatureMap<Float>, outputWidth: Int) -> ImplicitIm2Col<Float> {
    ImplicitIm2Col(
      x.base, height: x.height, width: x.width, channels: x.channels, pixelLength: x.channels, outside: 0,
      outputWidth: outputWidth, kernel: kernel, stride: stride, padding: padding, dilation: dilation)
  }

  /// Each pixel's channels are rounded up to fours, and what is outside the image is the byte that stands for 0.
  func gather(_ x: FeatureMap<UInt8>, outputWidth: Int) -> ImplicitIm2Col<UInt8> {
    ImplicitIm2Col(
      x.base, height: x.height, width: x.width, channels: x.channels, pixelLength: roundUp(x.channels, to: 4),
      outside: x.quantization.zeroPoint, outputWidth: outputWidth, kernel: kernel, stride: stride, padding: padding,
      dilation: dilation)
  }
}

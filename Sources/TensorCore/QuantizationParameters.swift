/// Affine quantization of real numbers to uint8: real = scale · (q − zeroPoint) (Jacob et al., arXiv 1712.05877,
/// equation 1).
package struct QuantizationParameters: Sendable, Equatable {
  /// Distance of two neighbouring quantized values; finite and above 0.
  package let scale: Float
  /// Quantized value of 0.
  package let zeroPoint: UInt8

  package init(scale: Float, zeroPoint: UInt8) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }
}

/// A borrowed quantized feature map, axes (height, width, channels), contiguous; must not outlive its tensor.
package struct ByteMap: @unchecked Sendable {
  package let base: UnsafeMutablePointer<UInt8>
  package let height: Int
  package let width: Int
  package let channels: Int
  package let quantization: QuantizationParameters

  package init(
    _ base: UnsafeMutablePointer<UInt8>, height: Int, width: Int, channels: Int, quantization: QuantizationParameters
  ) {
    assert(height >= 0 && width >= 0 && channels >= 0)
    self.base = base
    self.height = height
    self.width = width
    self.channels = channels
    self.quantization = quantization
  }

  package var count: Int { height * width * channels }

  /// The same values with another quantization.
  package func requantized(_ quantization: QuantizationParameters) -> ByteMap {
    ByteMap(base, height: height, width: width, channels: channels, quantization: quantization)
  }

  package func pixel(_ y: Int, _ x: Int) -> UnsafeMutablePointer<UInt8> { base + (y * width + x) * channels }
}

/// A quantized activation with axes (height, width, channels), in memory of an `Arena`.
package struct ByteTensor: ~Copyable {
  private let memory: Tensor
  package let height: Int
  package let width: Int
  package let channels: Int
  package let quantization: QuantizationParameters

  fileprivate init(
    _ memory: consuming Tensor, _ height: Int, _ width: Int, _ channels: Int, _ quantization: QuantizationParameters
  ) {
    self.memory = memory
    self.height = height
    self.width = width
    self.channels = channels
    self.quantization = quantization
  }

  /// The same memory with another quantization.
  package consuming func requantized(_ quantization: QuantizationParameters) -> ByteTensor {
    ByteTensor(memory, height, width, channels, quantization)
  }

  /// A view of the values for kernels; must not outlive the tensor.
  package var map: ByteMap {
    ByteMap(
      UnsafeMutableRawPointer(memory.map.base).assumingMemoryBound(to: UInt8.self), height: height, width: width,
      channels: channels, quantization: quantization)
  }
}

extension Arena {
  /// A quantized feature map of the given size, its contents undefined.
  package func bytes(height: Int, width: Int, channels: Int, _ quantization: QuantizationParameters) -> ByteTensor {
    let floats = (height * width * channels + 3) / 4
    return ByteTensor(matrix(rows: 1, columns: floats), height, width, channels, quantization)
  }
}

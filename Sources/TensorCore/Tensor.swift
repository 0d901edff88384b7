/// Element type of activations: `Float`, or `UInt8` for int8 activations, which have a quantization.
public protocol ActivationElement: BitwiseCopyable, Sendable {
  /// `QuantizationParameters` for int8, nothing for fp32.
  associatedtype Quantization: BitwiseCopyable & Sendable
}

extension Float: ActivationElement {
  public typealias Quantization = Void
}

extension UInt8: ActivationElement {
  public typealias Quantization = QuantizationParameters
}

/// An activation with axes (height, width, channels), NHWC with N = 1, in memory of an `Arena`.
///
/// Not copyable: its memory is freed at the end of its lifetime, so the compiler decides how long activations live. A
/// token matrix (rows, columns) is a tensor of height `rows` and width 1.
package struct Tensor<Element: ActivationElement>: ~Copyable {
  package let height: Int
  package let width: Int
  package let channels: Int
  package let quantization: Element.Quantization
  private let memory: ArenaMemory
  private let base: UnsafeMutablePointer<Element>

  fileprivate init(height: Int, width: Int, channels: Int, _ quantization: Element.Quantization, _ arena: Arena) {
    let count = height * width * channels
    memory = arena.memory(byteCount: count * MemoryLayout<Element>.stride)
    base = memory.pointer.bindMemory(to: Element.self, capacity: count)
    self.height = height
    self.width = width
    self.channels = channels
    self.quantization = quantization
  }

  private init(_ other: consuming Tensor, _ quantization: Element.Quantization) {
    (height, width, channels) = (other.height, other.width, other.channels)
    base = other.base
    memory = other.memory
    self.quantization = quantization
  }

  package var count: Int { height * width * channels }

  /// View of the elements for kernels; must not outlive the tensor.
  package var map: FeatureMap<Element> {
    FeatureMap(base, height: height, width: width, channels: channels, quantization: quantization)
  }

  /// The elements; must not outlive the tensor.
  package var elements: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: base, count: count) }
}

extension Tensor where Element == Float {
  /// View as a token matrix (height · width, channels); must not outlive the tensor.
  package var matrix: Matrix { map.tokens }
}

extension Tensor where Element == UInt8 {
  /// The same memory with another quantization.
  package consuming func requantized(_ quantization: QuantizationParameters) -> Tensor { Tensor(self, quantization) }
}

extension Arena {
  /// An fp32 feature map of the given size, its contents undefined.
  package func tensor(height: Int, width: Int, channels: Int) -> Tensor<Float> {
    Tensor(height: height, width: width, channels: channels, (), self)
  }

  /// An int8 feature map of the given size, its contents undefined.
  package func tensor(
    height: Int, width: Int, channels: Int, _ quantization: QuantizationParameters
  ) -> Tensor<UInt8> {
    Tensor(height: height, width: width, channels: channels, quantization, self)
  }

  /// A matrix of the given size, its contents undefined.
  package func matrix(rows: Int, columns: Int) -> Tensor<Float> {
    tensor(height: rows, width: 1, channels: columns)
  }
}

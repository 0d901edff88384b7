/// An activation: fp32 values with axes (height, width, channels), NHWC with N = 1, in memory of an `Arena`.
///
/// Not copyable: its memory is freed at the end of its lifetime, so the compiler decides how long activations live. A token matrix (rows, columns) is a tensor of height `rows` and width 1.
package struct Tensor: ~Copyable {
  package let height: Int
  package let width: Int
  package let channels: Int
  private let pointer: UnsafeMutablePointer<Float>
  private let arena: Arena

  fileprivate init(_ pointer: UnsafeMutablePointer<Float>, _ height: Int, _ width: Int, _ channels: Int, _ arena: Arena)
  {
    self.pointer = pointer
    self.height = height
    self.width = width
    self.channels = channels
    self.arena = arena
  }

  deinit { arena.free(pointer) }

  /// The values, to hand to a kernel; must not outlive the tensor.
  package var map: FeatureMap { FeatureMap(pointer, height: height, width: width, channels: channels) }

  /// The values as a token matrix (height · width, channels); must not outlive the tensor.
  package var matrix: Matrix { map.tokens }

  package var count: Int { height * width * channels }

  package var elements: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: pointer, count: count) }
}

extension Arena {
  /// A feature map of the given size, its contents undefined.
  package func tensor(height: Int, width: Int, channels: Int) -> Tensor {
    Tensor(allocate(height * width * channels), height, width, channels, self)
  }

  /// A matrix of the given size, its contents undefined.
  package func matrix(rows: Int, columns: Int) -> Tensor {
    tensor(height: rows, width: 1, channels: columns)
  }
}

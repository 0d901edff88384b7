package import Checkpoints

/// A parameter of the network: its name in a file and its shape, axes as PyTorch orders them.
package struct Parameter: Sendable, Equatable {
  /// Element types in which a file may hold the parameter.
  package enum Elements: Sendable {
    /// fp32, or half precision, which is expanded to fp32.
    case floats
    /// fp32 alone, for scales and zero points.
    case float32
    case int8

    package var types: [ElementType] {
      switch self {
      case .floats: [.float32, .float16, .bfloat16]
      case .float32: [.float32]
      case .int8: [.int8]
      }
    }
  }

  package let name: String
  package let shape: [Int]
  package let elements: Elements

  package init(_ name: String, _ shape: [Int], _ elements: Elements = .floats) {
    self.name = name
    self.shape = shape
    self.elements = elements
  }

  package var count: Int { shape.reduce(1, *) }
}

package import TensorCore

/// A feature map of bytes between others that nobody may write to.
package final class GuardedBytes {
  package let map: FeatureMap<UInt8>
  private let memory: UnsafeMutablePointer<UInt8>
  private static let margin = 67
  private static let sentinel: UInt8 = 0xA5

  /// - Parameter values: What it holds at first; zeros when nil.
  package init(height: Int, width: Int, channels: Int, _ quantization: QuantizationParameters, values: [UInt8]? = nil) {
    let count = height * width * channels
    memory = .allocate(capacity: count + 2 * Self.margin)
    memory.initialize(repeating: Self.sentinel, count: count + 2 * Self.margin)
    // No alignment, which no kernel may count on.
    map = FeatureMap(
      memory + Self.margin, height: height, width: width, channels: channels, quantization: quantization)
    for index in 0..<count { map.base[index] = values?[index] ?? 0 }
  }

  deinit { memory.deallocate() }

  package var values: [UInt8] { (0..<map.count).map { map.base[$0] } }

  /// Whether nothing was written beside the map.
  package var isIntact: Bool {
    (0..<Self.margin).allSatisfy {
      memory[$0] == Self.sentinel && memory[Self.margin + map.count + $0] == Self.sentinel
    }
  }
}

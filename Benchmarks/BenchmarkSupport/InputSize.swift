/// Height and width of the network's input.
package struct InputSize: Codable, Hashable, CustomStringConvertible {
  package let height: Int
  package let width: Int

  package init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// A frame of 16 : 9, resized to this short edge and padded to multiples of `divisor`.
  package init(shortEdge: Int, divisor: Int) {
    func padded(_ length: Int) -> Int { (length + divisor - 1) / divisor * divisor }
    self.init(height: padded(shortEdge), width: padded((shortEdge * 16 + 4) / 9))
  }

  package var megapixels: Double { Double(height * width) / 1e6 }
  package var description: String { "\(height) × \(width)" }
}

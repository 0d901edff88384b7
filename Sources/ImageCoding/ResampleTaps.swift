/// For every output position along one axis, which input positions it is a weighted mean of, and the weights: a
/// triangle filter as wide as the step between output positions, so that shrinking is antialiased.
///
/// Positions, weights and their rounding to 22 fraction bits are those of Pillow's `BILINEAR`, to the bit.
struct ResampleTaps {
  /// Fraction bits of a weight.
  static let bits = 22

  /// The taps of one output position.
  struct Window {
    /// The first input position.
    let start: Int
    let count: Int
    /// Where its weights begin in `weights`.
    let offset: Int
  }

  /// One for each output position.
  private(set) var windows: [Window] = []
  /// Not negative; those of a window sum to nearly 1 << 22.
  private(set) var weights: [UInt32] = []

  /// - Precondition: Both sizes are at least 1.
  init(from inputSize: Int, to outputSize: Int) {
    let scale = Double(inputSize) / Double(outputSize)
    let support = max(scale, 1)
    windows.reserveCapacity(outputSize)
    var heights: [Double] = []
    for position in 0..<outputSize {
      let center = (Double(position) + 0.5) * scale
      let start = max(Int(center - support + 0.5), 0)
      let end = max(min(Int(center + support + 0.5), inputSize), start)
      heights.removeAll(keepingCapacity: true)
      for tap in start..<end {
        // In this order of operations; another rounds otherwise.
        let distance = abs((Double(tap) - center + 0.5) * (1 / support))
        heights.append(distance < 1 ? 1 - distance : 0)
      }
      windows.append(Window(start: start, count: end - start, offset: weights.count))
      let sum = heights.reduce(0, +)
      for height in heights {
        weights.append(UInt32(0.5 + (sum == 0 ? height : height / sum) * Double(1 << Self.bits)))
      }
    }
  }

  func withUnsafePointers(
    _ body: (_ windows: UnsafeBufferPointer<Window>, _ weights: UnsafePointer<UInt32>) -> Void
  ) {
    windows.withUnsafeBufferPointer { windows in
      weights.withUnsafeBufferPointer { weights in
        if let weights = weights.baseAddress { body(windows, weights) }
      }
    }
  }
}

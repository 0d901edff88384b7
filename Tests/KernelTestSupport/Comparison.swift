/// How far computed values are from expected ones.
package struct Comparison: CustomStringConvertible {
  /// Position (in the flat order) of the largest error in terms of what is allowed there.
  package private(set) var place = 0
  package private(set) var worstAbsolute: Float = 0
  package private(set) var worstRelative: Float = 0
  /// The largest absolute error over the largest absolute expected value.
  package private(set) var relativeToLargest: Float = 0
  /// The largest error as a multiple of the allowed one, absolute + relative · |expected|; infinite where a value is
  /// NaN and the other is not, or the numbers of values differ.
  package private(set) var worstShare: Float = 0
  private let countMismatch: String?
  private var pair: (actual: Float, expected: Float) = (0, 0)
  private let shape: [Int]

  /// - Parameters:
  ///   - actual: What was computed.
  ///   - expected: What should have been.
  ///   - shape: The values' axes, to tell places by; empty for a flat list.
  ///   - absolute: Error allowed everywhere.
  ///   - relative: Error allowed beside it, for each unit of the expected value.
  package init(
    _ actual: some Collection<Float>, _ expected: some Collection<Float>, shape: [Int] = [], absolute: Float,
    relative: Float
  ) {
    self.shape = shape
    guard actual.count == expected.count else {
      countMismatch = "\(actual.count) values, expected \(expected.count)"
      worstShare = .infinity
      return
    }
    countMismatch = nil
    var largest: Float = 0
    let (actual, expected) = (Array(actual), Array(expected))
    for index in actual.indices {
      let (value, truth) = (actual[index], expected[index])
      if value == truth || (value.isNaN && truth.isNaN) {
        largest = max(largest, truth.isFinite ? abs(truth) : 0)
        continue
      }
      let error = abs(value - truth)
      let share = error.isFinite ? error / max(absolute + relative * abs(truth), .leastNonzeroMagnitude) : .infinity
      worstAbsolute = max(worstAbsolute, error)
      worstRelative = max(worstRelative, error / max(abs(truth), .leastNormalMagnitude))
      largest = max(largest, abs(truth))
      if share > worstShare { (worstShare, place, pair) = (share, index, (value, truth)) }
    }
    relativeToLargest = largest > 0 ? worstAbsolute / largest : worstAbsolute
  }

  package var isClose: Bool { worstShare <= 1 }

  package var description: String {
    if let countMismatch { return countMismatch }
    return "worst error \(worstAbsolute) absolute, \(worstRelative) relative, \(worstShare) times what is allowed; "
      + "at \(coordinates): \(pair.actual), expected \(pair.expected)"
  }

  /// The place, axis by axis.
  private var coordinates: String {
    guard shape.count > 1 else { return "\(place)" }
    var rest = place
    var axes: [Int] = []
    for length in shape.reversed() {
      axes.append(rest % max(length, 1))
      rest /= max(length, 1)
    }
    return "(\(axes.reversed().map(String.init).joined(separator: ", ")))"
  }
}

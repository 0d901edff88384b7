package import TensorCore

/// Histogram of the values of a tensor: equal bins from −2ᵏ to 2ᵏ, where k grows with the values.
///
/// Because the limits are powers of two, growing the range merges bins in pairs exactly, and the counts do not depend
/// on the order of the values.
package struct HistogramObserver: Sendable, Equatable {
  /// Number of bins on each side of zero.
  static let sideBins = 4096

  package private(set) var minimum = Float.infinity
  package private(set) var maximum = -Float.infinity
  /// Whether a value was NaN or infinite; such values are in no bin.
  package private(set) var isTainted = false
  /// Number of values in each bin; bin `sideBins` begins at zero.
  private(set) var counts: [Int] = []
  /// k; it starts low enough that smaller values count as zero.
  private var exponent = -100

  package init() {}

  package var isEmpty: Bool { minimum > maximum }

  /// The value that represents a bin: its middle, but zero for the bin that begins at zero, since most values there are
  /// exact zeros of a ReLU.
  func value(ofBin bin: Int) -> Float {
    bin == Self.sideBins ? 0 : (Float(bin - Self.sideBins) + 0.5) * binWidth
  }

  var binWidth: Float { Float(sign: .plus, exponent: exponent - 12, significand: 1) }

  package mutating func add(_ values: Matrix) {
    for row in 0..<values.rows {
      add(UnsafeBufferPointer(start: values.row(row), count: values.columns))
    }
  }

  mutating func add(_ values: UnsafeBufferPointer<Float>) {
    var (low, high) = (minimum, maximum)
    for value in values {
      low = value < low ? value : low
      high = value > high ? value : high
    }
    guard low.isFinite || low > high, high.isFinite || low > high else { return isTainted = true }
    (minimum, maximum) = (low, high)
    guard !isEmpty else { return isTainted = isTainted || !values.isEmpty }
    grow(toHold: max(-low, high))
    count(values)
  }

  package mutating func merge(_ other: HistogramObserver) {
    isTainted = isTainted || other.isTainted
    guard !other.isEmpty else { return }
    var other = other
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    grow(to: other.exponent)
    other.grow(to: exponent)
    for bin in counts.indices { counts[bin] += other.counts[bin] }
  }

  private mutating func grow(toHold magnitude: Float) {
    grow(to: magnitude > 0 ? max(Int(magnitude.exponent) + 1, exponent) : exponent)
  }

  private mutating func grow(to wanted: Int) {
    if counts.isEmpty {
      counts = [Int](repeating: 0, count: 2 * Self.sideBins)
      exponent = max(wanted, exponent)
    }
    while exponent < wanted {
      var joined = [Int](repeating: 0, count: counts.count)
      for bin in counts.indices { joined[(bin + Self.sideBins) / 2] += counts[bin] }
      counts = joined
      exponent += 1
    }
  }

  private mutating func count(_ values: UnsafeBufferPointer<Float>) {
    // The product with a power of two is exact, and so is rounding it down.
    let scale = Float(sign: .plus, exponent: 12 - exponent, significand: 1)
    counts.withUnsafeMutableBufferPointer { counts in
      for value in values {
        let place = value * scale
        guard place >= -Float(Self.sideBins) else {
          isTainted = true
          continue
        }
        let whole = Int(place)
        counts[Self.sideBins + (Float(whole) > place ? whole - 1 : whole)] += 1
      }
    }
  }
}

package import TensorCore

/// Method by which the quantization range of a tensor is chosen from its histogram.
package enum CalibrationMethod: String, Sendable, Codable, CaseIterable {
  /// From the smallest to the largest value.
  case minMax = "min-max"
  /// Clips one value in ten thousand on each side.
  case percentile9999 = "percentile-99.99"
  /// Clips one value in a thousand on each side.
  case percentile999 = "percentile-99.9"
  /// Minimizes the mean square error of the values (Nagel et al., arXiv 2106.08295, section 3.1).
  case meanSquareError = "mean-square-error"

  package func quantization(of histogram: HistogramObserver) -> QuantizationParameters {
    let all = QuantizationRange(low: histogram.minimum, high: histogram.maximum)
    let range =
      switch self {
      case .minMax: all
      case .percentile9999: histogram.range(tail: 1e-4)
      case .percentile999: histogram.range(tail: 1e-3)
      case .meanSquareError: histogram.rangeOfLeastError(within: all)
      }
    return QuantizationParameters(range)
  }
}

/// The real values that map to 0 and 255, before the zero point is rounded.
struct QuantizationRange: Equatable {
  /// Never above zero.
  var low: Float
  /// Never below zero.
  var high: Float

  init(low: Float, high: Float) {
    self.low = min(low, 0)
    self.high = max(high, 0)
  }
}

extension QuantizationParameters {
  /// Maps a range to 0 … 255 (Jacob et al., arXiv 1712.05877, section 3). The zero point is 0 if no value is negative.
  init(_ range: QuantizationRange) {
    // Halved first, since the difference of two finite values may overflow.
    let scale = (range.high / 2 - range.low / 2) / 127.5
    guard scale.isNormal else {
      self.init(scale: 1, zeroPoint: 0)
      return
    }
    self.init(scale: scale, zeroPoint: UInt8(max(0, min((-range.low / scale).rounded(.toNearestOrEven), 255))))
  }

  /// A finite value, quantized and dequantized.
  @inline(__always)
  func rounded(_ value: Float) -> Float {
    let zero = Float(zeroPoint)
    return (max(0, min((value / scale).rounded(.toNearestOrEven) + zero, 255)) - zero) * scale
  }
}

extension HistogramObserver {
  /// The range that remains when the fraction `tail` of the values is clipped at each end.
  func range(tail: Double) -> QuantizationRange {
    let cut = Int(Double(counts.reduce(0, +)) * tail)
    let low = Self.edge(of: counts.indices, cut: cut, counts)
    let high = Self.edge(of: counts.indices.reversed(), cut: cut, counts)
    let side = Float(Self.sideBins)
    return QuantizationRange(
      low: max(minimum, (Float(low) - side) * binWidth), high: min(maximum, (Float(high + 1) - side) * binWidth))
  }

  /// The first bin up to which there are more than `cut` values.
  private static func edge(of bins: some Sequence<Int>, cut: Int, _ counts: [Int]) -> Int {
    var seen = 0
    for bin in bins {
      seen += counts[bin]
      if seen > cut { return bin }
    }
    return sideBins
  }

  /// Searches the range with the smallest error: shrinks both ends together, then each alone.
  func rangeOfLeastError(within all: QuantizationRange) -> QuantizationRange {
    let used = counts.indices.filter { counts[$0] > 0 }
    var best = (range: all, error: squareError(QuantizationParameters(all), used))
    func consider(_ low: Float, _ high: Float) {
      let range = QuantizationRange(low: low, high: high)
      let error = squareError(QuantizationParameters(range), used)
      if error < best.error { best = (range, error) }
    }
    let shares = (1..<Self.shares).reversed().map { Float($0) / Float(Self.shares) }
    for share in shares { consider(all.low * share, all.high * share) }
    for share in shares { consider(best.range.low, all.high * share) }
    for share in shares { consider(all.low * share, best.range.high) }
    return best.range
  }

  private static let shares = 64

  private func squareError(_ quantization: QuantizationParameters, _ used: [Int]) -> Double {
    used.reduce(0) { sum, bin in
      let value = value(ofBin: bin)
      let error = Double(quantization.rounded(value) - value)
      return sum + Double(counts[bin]) * error * error
    }
  }
}

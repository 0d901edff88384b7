/// When a frame is shown: `pts` units of `timeBase` seconds; what ffmpeg does not say is `nil`.
package struct FrameTime: Sendable, Equatable {
  package var pts: Int?
  package var timeBase: Ratio?

  package init(pts: Int?, timeBase: Ratio?) { (self.pts, self.timeBase) = (pts, timeBase) }

  package var seconds: Double? {
    guard let pts, let timeBase else { return nil }
    return Double(pts) * timeBase.value
  }
}

/// A fraction, such as a rate of frames.
package struct Ratio: Sendable, Equatable, CustomStringConvertible {
  package let numerator: Int
  package let denominator: Int

  /// The fraction that a text such as `24000/1001` or `25` spells; `nil` unless both numbers are above 0.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let numerator = parts.first.flatMap({ Int($0) }) else { return nil }
    guard let denominator = parts.count == 2 ? Int(parts[1]) : 1, numerator > 0, denominator > 0 else { return nil }
    (self.numerator, self.denominator) = (numerator, denominator)
  }

  /// The fraction of a rate such as 24, 23.976 or 12.5 frames in a second; rates of NTSC are those in 1001sts.
  ///
  /// - Precondition: 0.001 to 1000.
  package init(rate: Double) {
    let whole = rate.rounded()
    let ntsc = (rate * 1.001).rounded()
    if rate == whole {
      (numerator, denominator) = (Int(whole), 1)
    } else if ntsc > 0, abs(ntsc / 1.001 - rate) < 0.002 {
      (numerator, denominator) = (1000 * Int(ntsc), 1001)
    } else {
      (numerator, denominator) = (max(Int((rate * 1000).rounded()), 1), 1000)
    }
  }

  /// The fraction upside down.
  var inverse: Ratio { Ratio(numerator: denominator, denominator: numerator) }

  private init(numerator: Int, denominator: Int) { (self.numerator, self.denominator) = (numerator, denominator) }

  package var value: Double { Double(numerator) / Double(denominator) }

  /// The fraction as ffmpeg reads it.
  package var description: String { denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)" }
}

import Foundation

extension Double {
  /// With so many digits behind the point.
  package func text(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }
  /// 0.25 as "25".
  package var percent: String { (self * 100).text(0) }
  /// Seconds as "12.3" milliseconds.
  package var milliseconds: String { (self * 1000).text(1) }
}

extension Int {
  /// Bytes as "12.3", millions of them.
  package var megabytes: String { (Double(self) / 1e6).text(1) }
}

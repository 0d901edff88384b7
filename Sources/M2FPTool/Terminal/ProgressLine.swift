/// Text of the progress line of a long run, which `Console` draws.
package struct ProgressLine: Equatable, Sendable {
  package var total: Int
  /// Completed items, including skipped and failed ones.
  package var done = 0
  /// Items that were not skipped; the rate counts only these.
  package var worked = 0
  package var failed = 0
  package var elapsedSeconds = 0.0

  package init(total: Int) { self.total = total }

  /// Items per second; `nil` before the first one is complete.
  package var rate: Double? {
    guard worked > 0, elapsedSeconds > 0 else { return nil }
    return Double(worked) / elapsedSeconds
  }

  package var secondsLeft: Double? { rate.map { Double(max(total - done, 0)) / $0 } }

  /// The line, at most `columns` wide.
  package func text(columns: Int) -> String {
    var fields = ["\(done)/\(total)"]
    if failed > 0 { fields.append("\(failed) failed") }
    if let rate { fields.append(Self.text(rate: rate)) }
    if let secondsLeft, done < total { fields.append(Self.text(seconds: secondsLeft) + " left") }
    let numbers = fields.joined(separator: "  ")
    let width = min(columns - numbers.count - 4, 30)
    guard width >= 5 else { return String(numbers.prefix(max(columns, 0))) }
    let filled = total > 0 ? min(width * done / total, width) : width
    return "[\(String(repeating: "#", count: filled))\(String(repeating: ".", count: width - filled))]  \(numbers)"
  }

  /// Readable rate: "12.5/s", or "3.2 s each" below one per second.
  package static func text(rate: Double) -> String {
    rate >= 1 ? "\(oneDecimal(rate))/s" : "\(oneDecimal(1 / rate)) s each"
  }

  /// Readable duration: "45 s", "3 min 20 s", "2 h 5 min".
  package static func text(seconds: Double) -> String {
    // An estimate above a thousand days is meaningless, and must not overflow an integer.
    let whole = Int(min(max(seconds.isNaN ? 0 : seconds, 0), 86_400_000).rounded(.up))
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60) min \(whole % 60) s"
    default: return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
  }

  private static func oneDecimal(_ value: Double) -> String {
    let tenths = Int(min(max(value, 0), 1e9) * 10 + 0.5)
    return "\(tenths / 10).\(tenths % 10)"
  }
}

import Foundation

/// A named stage and its median time.
package struct Stage: Codable {
  package let name: String
  package let seconds: Double

  package init(name: String, seconds: Double) {
    self.name = name
    self.seconds = seconds
  }

  /// Measures `body`: the median of `runs` calls after a warm-up call.
  package init(_ name: String, runs: Int, _ body: () throws -> Void) rethrows {
    let clock = ContinuousClock()
    try body()
    self.init(name: name, seconds: median(try (0..<runs).map { _ in try clock.measure(body) / .seconds(1) }))
  }

  /// Name and milliseconds, in columns.
  package var line: String {
    name.padding(toLength: 34, withPad: " ", startingAt: 0) + String(format: "%9.1f ms", seconds * 1000)
  }
}

/// Median of `values`, the upper one of two middle values; 0 if there are none.
package func median(_ values: [Double]) -> Double {
  values.isEmpty ? 0 : values.sorted()[values.count / 2]
}

/// Relative spread (largest − smallest) / smallest; 0 if there are no values.
package func spread(_ values: [Double]) -> Double {
  guard let smallest = values.min(), let largest = values.max(), smallest > 0 else { return 0 }
  return largest / smallest - 1
}

import Foundation

/// A piece of work and the median of how long it took.
package struct Stage: Codable {
  package let name: String
  package let seconds: Double

  package init(name: String, seconds: Double) {
    self.name = name
    self.seconds = seconds
  }

  /// Times `body`: the median of `runs` after one that is not counted.
  package init(_ name: String, runs: Int, _ body: () throws -> Void) rethrows {
    let clock = ContinuousClock()
    try body()
    self.init(name: name, seconds: median(try (0..<runs).map { _ in try clock.measure(body) / .seconds(1) }))
  }

  /// Name and milliseconds in columns.
  package var line: String {
    name.padding(toLength: 34, withPad: " ", startingAt: 0) + String(format: "%9.1f ms", seconds * 1000)
  }
}

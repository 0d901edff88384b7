import Foundation

/// A piece of work and the median of how long it took.
struct Stage: Encodable {
  let name: String
  let seconds: Double

  init(name: String, seconds: Double) {
    self.name = name
    self.seconds = seconds
  }

  /// Times `body`: the median of `runs` after one that is not counted.
  init(_ name: String, runs: Int, _ body: () throws -> Void) rethrows {
    let clock = ContinuousClock()
    try body()
    self.init(name: name, seconds: median(try (0..<runs).map { _ in try clock.measure(body) / .seconds(1) }))
  }

  /// Name and milliseconds in columns.
  var line: String {
    name.padding(toLength: 34, withPad: " ", startingAt: 0) + String(format: "%9.1f ms", seconds * 1000)
  }
}

func median(_ values: [Double]) -> Double {
  values.isEmpty ? 0 : values.sorted()[values.count / 2]
}

/// JSON text for people and programs.
func jsonText(of value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

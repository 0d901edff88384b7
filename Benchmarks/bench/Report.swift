import Foundation

/// What one run of the bench found.
struct Report: Encodable {
  struct Stage: Encodable {
    let name: String
    let seconds: Double
  }

  let size: InputSize
  let threads: Int
  /// Median of the passes, each stage for itself.
  let stages: [Stage]
  let forwardSeconds: Double
  let bestSeconds: Double
  let arenaBytes: Int
  /// How often the arena took memory in the passes that were counted.
  let allocations: Int
  let peakResidentBytes: Int

  init(size: InputSize, threads: Int, timers: [StageTimer], arenaBytes: Int, growthsAfterFirst: Int) {
    self.size = size
    self.threads = threads
    stages = (timers.first?.stages ?? []).indices.map { index in
      Stage(name: timers[0].stages[index].name, seconds: Self.median(timers.map { $0.stages[index].seconds }))
    }
    forwardSeconds = Self.median(timers.map(\.total))
    bestSeconds = timers.map(\.total).min() ?? 0
    self.arenaBytes = arenaBytes
    allocations = growthsAfterFirst
    peakResidentBytes = Self.peakResidentBytes()
  }

  var table: String {
    var lines = ["input \(size.height) × \(size.width), \(threads) threads"]
    for stage in stages {
      let share = forwardSeconds > 0 ? stage.seconds / forwardSeconds * 100 : 0
      lines.append(
        stage.name.padding(toLength: 22, withPad: " ", startingAt: 0)
          + String(format: "%9.1f ms %5.1f %%", stage.seconds * 1000, share))
    }
    lines.append(
      String(format: "forward, median       %9.1f ms   %.2f images/s", forwardSeconds * 1000, 1 / forwardSeconds))
    lines.append(String(format: "forward, best         %9.1f ms", bestSeconds * 1000))
    lines.append(
      String(
        format: "arena                 %9.1f MB, grown %d times after the first pass", mega(arenaBytes), allocations))
    lines.append(String(format: "peak resident memory  %9.1f MB", mega(peakResidentBytes)))
    return lines.joined(separator: "\n")
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  private func mega(_ bytes: Int) -> Double { Double(bytes) / 1e6 }

  private static func median(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
  }

  /// The most memory that the process has had resident.
  private static func peakResidentBytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}

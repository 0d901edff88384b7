import Foundation

/// What one run of the bench found.
struct Report: Encodable {
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
      Stage(name: timers[0].stages[index].name, seconds: median(timers.map { $0.stages[index].seconds }))
    }
    forwardSeconds = median(timers.map(\.total))
    bestSeconds = timers.map(\.total).min() ?? 0
    self.arenaBytes = arenaBytes
    allocations = growthsAfterFirst
    peakResidentBytes = Self.peakResidentBytes()
  }

  var table: String {
    var lines = ["input \(size.height) × \(size.width), \(threads) threads"]
    for stage in stages {
      let share = forwardSeconds > 0 ? stage.seconds / forwardSeconds * 100 : 0
      lines.append(stage.line + String(format: " %5.1f %%", share))
    }
    lines.append(
      Stage(name: "forward, median", seconds: forwardSeconds).line
        + String(format: "   %.2f images/s", 1 / forwardSeconds))
    lines.append(Stage(name: "forward, best", seconds: bestSeconds).line)
    lines.append(line("arena", arenaBytes) + ", grown \(allocations) times after the first pass")
    lines.append(line("peak resident memory", peakResidentBytes))
    return lines.joined(separator: "\n")
  }

  private func line(_ name: String, _ bytes: Int) -> String {
    name.padding(toLength: 34, withPad: " ", startingAt: 0) + String(format: "%9.1f MB", Double(bytes) / 1e6)
  }

  /// The most memory that the process has had resident.
  private static func peakResidentBytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}

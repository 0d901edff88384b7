/// A figure of this report beside that of an earlier one.
package struct BaselineComparison: Codable, Equatable {
  package let name: String
  package let earlier: Double
  package let now: Double
  /// `earlier` over `now`: above 1 this report is faster, or needs less memory.
  package let ratio: Double

  package init(name: String, earlier: Double, now: Double) {
    self.name = name
    self.earlier = earlier
    self.now = now
    ratio = now > 0 ? earlier / now : 0
  }
}

extension EngineReport {
  /// Forward passes, their stages (milliseconds) and memory (megabytes) at the sizes and threads that both reports
  /// have.
  package func compared(with earlier: EngineReport) -> [BaselineComparison] {
    runs.flatMap { run -> [BaselineComparison] in
      guard let old = earlier.runs.first(where: { $0.size == run.size && $0.threads == run.threads }) else { return [] }
      let place = "\(run.size), \(run.threads) thread\(run.threads == 1 ? "" : "s")"
      let stages = (run.stages + [run.forward]).compactMap { stage in
        (old.stages + [old.forward]).first { $0.name == stage.name }.map {
          BaselineComparison(name: "\(place): \(stage.name), ms", earlier: $0.seconds * 1e3, now: stage.seconds * 1e3)
        }
      }
      let memory = BaselineComparison(
        name: "\(place): resident, MB", earlier: Double(old.peakResidentBytes) / 1e6,
        now: Double(run.peakResidentBytes) / 1e6)
      return stages + [memory]
    }
  }

  func comparisonText(_ comparison: [BaselineComparison]) -> String {
    guard !comparison.isEmpty else { return "The earlier report has no run of these sizes and threads." }
    var table = TextTable("beside the earlier report", "earlier", "now", "earlier/now")
    for line in comparison { table.add(line.name, line.earlier.text(1), line.now.text(1), "\(line.ratio.text(2)) ×") }
    return table.text
  }
}

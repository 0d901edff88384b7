/// Scaling of the time over input sizes and numbers of threads.
package struct Scaling {
  /// Sizes in ascending order, without repetition.
  package let sizes: [InputSize]
  package let threads: [Int]
  private let runs: [EngineRun]

  package init(_ runs: [EngineRun]) {
    self.runs = runs
    sizes = Set(runs.map(\.size)).sorted { $0.megapixels < $1.megapixels }
    threads = Set(runs.map(\.threads)).sorted()
  }

  package func secondsPerMegapixel(_ size: InputSize, threads: Int) -> Double? {
    run(size, threads)?.secondsPerMegapixel
  }

  /// Relative spread of the time per megapixel over all sizes.
  package func spreadOverSizes(threads: Int) -> Double {
    spread(sizes.compactMap { secondsPerMegapixel($0, threads: threads) })
  }

  /// Speedup over the smallest number of threads.
  package func speedup(_ size: InputSize, threads: Int) -> Double? {
    guard let fewest = self.threads.first, let base = run(size, fewest), let run = run(size, threads),
      run.forward.seconds > 0
    else { return nil }
    return base.forward.seconds / run.forward.seconds
  }

  private func run(_ size: InputSize, _ threads: Int) -> EngineRun? {
    runs.first { $0.size == size && $0.threads == threads }
  }

  package var text: String {
    let more = threads.dropFirst()
    var table = TextTable(
      header: ["s/megapixel"] + threads.map { "threads: \($0)" } + more.map { "\($0) over \(threads[0])" })
    for size in sizes {
      let costs = threads.map { secondsPerMegapixel(size, threads: $0)?.text(3) ?? "" }
      let speedups = more.map { speedup(size, threads: $0).map { "\($0.text(2)) ×" } ?? "" }
      table.add(cells: [size.description] + costs + speedups)
    }
    if sizes.count > 1 {
      table.add(cells: ["spread over sizes"] + threads.map { "\(spreadOverSizes(threads: $0).percent) %" })
    }
    return table.text
  }
}

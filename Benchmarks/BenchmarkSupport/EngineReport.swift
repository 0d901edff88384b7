/// What `bench engine` found: one entry in `runs` for each size and number of threads.
package struct EngineReport: Codable {
  package let processor: String
  package let instructions: String
  /// Those that multiply bytes; nil for a network without layers of bytes.
  package let integerInstructions: String?
  package let weights: String
  /// The most bytes resident from the start of the program until the network was ready.
  package let loadingPeakBytes: Int
  package var runs: [EngineRun]
  /// Beside an earlier report, where one was named.
  package var comparison: [Comparison]?

  package init(
    processor: String, instructions: String, integerInstructions: String? = nil, weights: String, loadingPeakBytes: Int,
    runs: [EngineRun]
  ) {
    self.processor = processor
    self.instructions = instructions
    self.integerInstructions = integerInstructions
    self.weights = weights
    self.loadingPeakBytes = loadingPeakBytes
    self.runs = runs
  }

  package var text: String {
    let integers = integerInstructions.map { ", bytes with \($0)" } ?? ""
    var parts = ["\(processor), \(instructions)\(integers); \(weights)"]
    parts.append("resident while loading, at most \(loadingPeakBytes.megabytes) MB")
    parts += runs.map(\.text)
    if runs.count > 1 { parts.append(Scaling(runs).text) }
    if let comparison { parts.append(comparisonText(comparison)) }
    return parts.joined(separator: "\n\n")
  }
}

/// The passes at one size on so many threads.
package struct EngineRun: Codable {
  package let size: InputSize
  package let threads: Int
  package let passes: Int
  /// Medians of the passes, each stage for itself.
  package let stages: [StageRun]
  /// Median of the passes.
  package let forward: StageRun
  package let bestSeconds: Double
  /// What so many threads reach that multiply and add in registers alone.
  package let peakGigaflops: Double
  /// What they reach with bytes, GOP/s; nil for a network without layers of bytes.
  package let peakGigaops: Double?
  /// Bytes of the arena, and how often it grew in the passes that were counted.
  package let arenaBytes: Int
  package let arenaGrowths: Int
  /// Calls of malloc and its kin in one pass after the first; nil where they cannot be counted.
  package let allocations: Int?
  /// The most bytes resident during the passes, weights included.
  package let peakResidentBytes: Int
  package let imagesPerSecond: Double
  package let secondsPerMegapixel: Double

  package init(
    size: InputSize, threads: Int, passes: Int, stages: [StageRun], forward: StageRun, bestSeconds: Double,
    peakGigaflops: Double, peakGigaops: Double? = nil, arenaBytes: Int, arenaGrowths: Int, allocations: Int?,
    peakResidentBytes: Int
  ) {
    self.size = size
    self.threads = threads
    self.passes = passes
    self.stages = stages
    self.forward = forward
    self.bestSeconds = bestSeconds
    self.peakGigaflops = peakGigaflops
    self.peakGigaops = peakGigaops
    self.arenaBytes = arenaBytes
    self.arenaGrowths = arenaGrowths
    self.allocations = allocations
    self.peakResidentBytes = peakResidentBytes
    imagesPerSecond = forward.seconds > 0 ? 1 / forward.seconds : 0
    secondsPerMegapixel = forward.seconds / size.megapixels
  }

  /// Of floats, or of bytes where the network has layers of bytes.
  package var peak: Double { peakGigaops ?? peakGigaflops }

  /// A roofline in figures, and what the run took.
  package var text: String {
    let rate = peakGigaops == nil ? "GFLOP/s" : "GOP/s"
    let counted = allocations.map { "\($0) heap allocations in a pass" } ?? "heap allocations not counted here"
    return """
      input \(size), \(threads) thread\(threads == 1 ? "" : "s"), medians of \(passes) passes
      \(peakGigaops == nil ? roofline.text : rates.text)
      \(imagesPerSecond.text(2)) images/s, \(secondsPerMegapixel.text(3)) s/megapixel, best \
      \(bestSeconds.milliseconds) ms; peak of the processor \(peak.text(1)) \(rate)
      \(counted); arena \(arenaBytes.megabytes) MB, grown \(arenaGrowths) times after the first pass; resident at most \
      \(peakResidentBytes.megabytes) MB
      """
  }

  private var roofline: TextTable {
    var table = TextTable("", "ms", "time", "GFLOP", "MB", "FLOP/B", "GFLOP/s", "of peak")
    for stage in stages + [forward] {
      table.add(
        stage.name, stage.seconds.milliseconds, share(of: stage), stage.operations.gigaflop.text(2),
        stage.operations.bytes.megabytes, stage.operations.intensity.text(1), stage.gigaflops.text(1), rate(of: stage))
    }
    return table
  }

  /// Without memory, which `OperationCount` counts in fp32.
  private var rates: TextTable {
    var table = TextTable("", "ms", "time", "GOP", "GOP/s", "of peak")
    for stage in stages + [forward] {
      table.add(
        stage.name, stage.seconds.milliseconds, share(of: stage), stage.operations.gigaflop.text(2),
        stage.gigaflops.text(1),
        rate(of: stage))
    }
    return table
  }

  private func share(of stage: StageRun) -> String { "\((stage.seconds / forward.seconds).percent) %" }
  private func rate(of stage: StageRun) -> String { "\((stage.gigaflops / peak).percent) %" }
}

/// A stage's time beside its operations.
package struct StageRun: Codable {
  package let name: String
  package let seconds: Double
  package let operations: OperationCount
  /// Operations are the textbook's, so Winograd's transforms may exceed the processor's peak.
  package let gigaflops: Double

  private enum CodingKeys: String, CodingKey {
    case name, seconds, gigaflops
    case operations = "work"
  }

  package init(name: String, seconds: Double, operations: OperationCount) {
    self.name = name
    self.seconds = seconds
    self.operations = operations
    gigaflops = seconds > 0 ? operations.gigaflop / seconds : 0
  }
}

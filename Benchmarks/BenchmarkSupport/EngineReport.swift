/// Result of `bench engine`, with one entry in `runs` for each size and number of threads.
package struct EngineReport: Codable {
  package let processor: String
  package let instructions: String
  /// Instructions of the int8 products; `nil` for a network without int8 layers.
  package let integerInstructions: String?
  package let weights: String
  /// Peak resident bytes from the start of the program until the network was loaded.
  package let loadingPeakBytes: Int
  package var runs: [EngineRun]
  /// Comparison with an earlier report; `nil` if none was given.
  package var comparison: [BaselineComparison]?

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

/// Measurements at one size with one number of threads.
package struct EngineRun: Codable {
  package let size: InputSize
  package let threads: Int
  package let passes: Int
  /// Median of each stage over the passes.
  package let stages: [StageRun]
  /// Median over the passes.
  package let forward: StageRun
  package let bestSeconds: Double
  /// Peak rate of fp32 multiply-adds in registers on as many threads, GFLOP/s.
  package let peakGigaflops: Double
  /// Peak rate of int8 multiply-adds, GOP/s; `nil` for a network without int8 layers.
  package let peakGigaops: Double?
  /// Size of the arena in bytes, and how often it grew in the measured passes.
  package let arenaBytes: Int
  package let arenaGrowths: Int
  /// Heap allocations in one pass after the first; `nil` where they cannot be counted.
  package let allocations: Int?
  /// Peak resident bytes during the passes, weights included.
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

  /// Peak rate of int8 if the network has int8 layers, else of fp32.
  package var peak: Double { peakGigaops ?? peakGigaflops }

  /// Table of stages with time, operations and the fraction of the peak, and a summary.
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

  /// Table for int8 networks: without memory traffic, which `OperationCount` counts in fp32.
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

/// Time and operations of a stage.
package struct StageRun: Codable {
  package let name: String
  package let seconds: Double
  package let operations: OperationCount
  /// Rate by the operations of direct convolution; with Winograd's transforms it may exceed the processor's peak.
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

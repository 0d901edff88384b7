import ArgumentParser
import BenchmarkSupport
import Foundation
import M2FP
import Platform
import TensorCore
import TensorKernels

/// Times the forward pass, stage by stage.
struct EngineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine", abstract: "Times the network's forward pass, stage by stage.",
    discussion: """
      Without --weights it makes the published architecture (ResNet-101, 100 queries) with seeded random weights: time \
      does not depend on their values. Medians of --runs passes after one that is not counted; allocations are those \
      of one more pass. GFLOP are the textbook's, so that Winograd's transforms may exceed the peak. For an int8 \
      network they are GOP, and the peak is that of int8 products.
      """)

  @OptionGroup var weights: WeightsOptions

  @Option(
    help: "HEIGHTxWIDTH of the network's input, or the short edge of a 16 : 9 frame; several between commas.",
    transform: sizes)
  var size: [[InputSize]] = []

  @Option(help: "Threads; several between commas.", transform: threadCounts)
  var threads: [[Int]] = []

  @Option(help: "Passes to take the median of.")
  var runs = 5

  @Option(help: "A file of an earlier --json to compare with.")
  var compare: String?

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  func validate() throws {
    guard (1...10_000).contains(runs) else { throw ValidationError("--runs must be 1 to 10000") }
  }

  func run() throws {
    Bench.warnInDebug()
    let earlier = try compare.map {
      try JSONDecoder().decode(EngineReport.self, from: Data(contentsOf: URL(filePath: $0)))
    }
    let sizes = size.isEmpty ? [InputSize(height: 640, width: 1152)] : size.flatMap(\.self)
    let threads = threads.isEmpty ? [ProcessInfo.processInfo.activeProcessorCount] : threads.flatMap(\.self)
    let (network, name, isQuantized) = try weights.withFile { url, name in
      let file = try WeightsFile(url)
      return (try M2FPNetwork(file), name, !file.quantizedLayers.isEmpty)
    }
    let integers = isQuantized ? InstructionSet.best.integers : nil
    var report = EngineReport(
      processor: Processor.name, instructions: KernelBackend.best.description, integerInstructions: integers?.rawValue,
      weights: name, loadingPeakBytes: ProcessMemory.peak, runs: [])
    let bench = EngineBench(network: network, passes: runs)
    for size in sizes {
      for count in threads { report.runs.append(try bench.measure(size, threads: count, integers)) }
    }
    report.comparison = earlier.map(report.compared(with:))
    print(json ? try jsonText(of: report) : report.text)
  }
}

import ArgumentParser
import Foundation
import M2FP
import TensorCore
import TensorKernels

/// Times the forward pass, stage by stage.
struct EngineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine", abstract: "Times the network's forward pass, stage by stage.",
    discussion: """
      Without --weights it makes the published architecture (ResNet-101, 100 queries) with seeded random weights: time \
      does not depend on their values. Medians of --runs passes after one that is not counted.
      """)

  @Option(help: "A weights file, instead of random weights for ResNet-101.")
  var weights: String?

  @Option(help: "Height and width of the network's input, multiples of 32.", transform: InputSize.init(argument:))
  var size = InputSize(height: 640, width: 1152)

  @Option(help: "Threads.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "Passes to take the median of.")
  var runs = 5

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    guard threads >= 1, runs >= 1 else { throw ValidationError("--threads and --runs must be at least 1") }
  }

  func run() throws {
    Bench.warnInDebug()
    let network = try weights.map { try M2FPNetwork(WeightsFile(URL(filePath: $0))) } ?? RandomNetwork.make()
    let report = try measure(network)
    print(json ? try jsonText(of: report) : report.table)
  }

  private func measure(_ network: M2FPNetwork) throws -> Report {
    let arena = Arena()
    let execution = Execution(arena: arena, pool: WorkerPool(threads: threads))
    var timers: [StageTimer] = []
    var growths = 0
    for run in 0...runs {
      let input = arena.tensor(height: size.height, width: size.width, channels: 3)
      fill(input.map)
      let timer = StageTimer()
      _ = try network(input, execution, observer: timer.observe)
      timer.finish()
      if run > 0 { timers.append(timer) }
      arena.consolidate()
      if run == 0 { growths = arena.growths }
    }
    return Report(
      size: size, threads: threads, timers: timers, arenaBytes: arena.byteCount,
      growthsAfterFirst: arena.growths - growths)
  }

  /// Pixels of no particular picture, normalized.
  private func fill(_ image: FeatureMap) {
    var generator = SplitMix64(seed: 1)
    for index in 0..<image.count { image.base[index] = Float.random(in: -2...2, using: &generator) }
  }
}

import ArgumentParser
import BenchmarkSupport
import Foundation

/// Measures this package and other engines on the same weights, one after another.
struct EngineComparisonCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers", abstract: "Times other engines beside this one, on the same weights and input size.",
    discussion: """
      The other engines run in Python, through Benchmarks/peers/peers.py, which says what it needs. Every engine runs \
      alone, one after another, in a process of its own. Ours runs twice: on the weights as they are, and on the same \
      quantized by one synthetic picture, which is good for time alone.
      """)

  @OptionGroup var weights: WeightsOptions

  @Option(help: "The script that runs the other engines.")
  var script = "Benchmarks/peers/peers.py"

  @Option(help: "The Python that runs it.")
  var python = "python3"

  @Option(help: "Engines of the script, between commas.")
  var engines = "pytorch,onnxruntime,openvino-fp32,openvino-bf16,openvino-int8"

  @Option(help: "HEIGHTxWIDTH of the network's input, or the short edge of a 16 : 9 frame.", transform: sizes)
  var size = [InputSize(height: 640, width: 1152)]

  @Option(help: "Threads.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "Passes to take the median of.")
  var runs = 5

  @Option(help: "How often the engines take turns; the best turn of each counts.")
  var rounds = 1

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    guard size.count == 1 else { throw ValidationError("--size takes one size here") }
    guard !weights.isQuantized else {
      throw ValidationError("--int8: expected weights that are not quantized, since both are measured")
    }
    guard runs >= 1, threads >= 1, rounds >= 1 else {
      throw ValidationError("--threads, --runs and --rounds must be at least 1")
    }
  }

  func run() throws {
    Bench.warnInDebug()
    let report = try weights.withFile { file, _ in try withTemporaryFolder { try measure(file, folder: $0) } }
    print(json ? try jsonText(of: report) : report.text)
    if !report.failures.isEmpty { throw ExitCode.failure }
  }

  private func measure(_ weights: URL, folder: URL) throws -> EngineComparison {
    let script = EngineComparisonScript(python: python, file: script, folder: folder)
    let quantized = folder.appending(path: "int8.safetensors")
    try SyntheticQuantization.quantize(weights, size: size[0], threads: threads, to: quantized)
    let arguments = [
      weights.path, "--size", "\(size[0].height)", "\(size[0].width)", "--threads", "\(threads)", "--runs", "\(runs)",
    ]
    let names = engines.split(separator: ",").map(String.init)
    try script.prepare(names, arguments)
    let own = OwnEngine(size: size[0], threads: threads, runs: runs)
    var report = EngineComparison(size: size[0], threads: threads)
    for _ in 0..<rounds {
      report.add(ours: try own.measure(weights, "this package, fp32"))
      report.add(quantized: try own.measure(quantized, "this package, int8"))
      for name in names {
        do { report.add(peer: try script.measure(name, arguments)) } catch { report.fail(name, "\(error)") }
      }
    }
    return report
  }
}

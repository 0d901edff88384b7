import ArgumentParser
import Benchmark
import Foundation
import Measuring
import TensorKernels

/// Measures each kernel by itself at the network's shapes, under every instruction set that the processor has.
@main
struct Kernels: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures each kernel at the network's shapes, under every instruction set that the processor has.",
    discussion: """
      Medians by the clock, and best times: on one thread those of the processor, so that they mean something on a \
      machine that others use. GFLOP/s count the textbook's multiply-adds, so that Winograd's transforms may exceed the peak.
      """)

  @OptionGroup var benchmark: BenchmarkArguments

  @Option(help: "Threads.")
  var threads = 1

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    guard threads >= 1 else { throw ValidationError("--threads must be at least 1") }
  }

  func run() throws {
    var cases: [String: KernelCase] = [:]
    func suite(_ name: String, _ list: [KernelCase]) -> BenchmarkSuite {
      BenchmarkSuite(name: name) { suite in
        for kernel in list {
          cases["\(name).\(kernel.name)"] = kernel
          suite.benchmark(kernel.name, function: kernel.body)
        }
      }
    }
    var suites = InstructionSet.available.map { set in
      let bed = Bed(threads: threads, instructions: set)
      return suite(set.rawValue, bed.layerCases + bed.otherCases)
    }
    suites.append(suite("images", try Bed(threads: threads, instructions: .best).imageCases()))
    var runner = BenchmarkRunner(
      suites: suites, settings: benchmark.settings + [Format(.none)],
      customDefaults: [MinTime(seconds: 0.3), WarmupIterations(1)])
    try runner.run()
    let results = runner.results.map { result in
      let kernel = cases["\(result.suiteName).\(result.benchmarkName)"]
      let best = threads == 1 ? kernel?.timer.leastSeconds : (result.measurements.min() ?? 0) / 1e9
      return KernelResult(
        kernel: result.benchmarkName, instructions: result.suiteName, seconds: median(result.measurements) / 1e9,
        bestSeconds: best ?? 0, work: kernel?.work)
    }
    print(json ? try jsonText(of: results) : table(results))
  }

  private func table(_ results: [KernelResult]) -> String {
    var table = TextTable("\(Processor.name), \(threads) threads", "", "ms", "best, ms", "GFLOP/s", "best")
    for result in results {
      table.add(
        result.kernel, result.instructions, (result.seconds * 1000).text(3), (result.bestSeconds * 1000).text(3),
        result.gigaflops?.text(1) ?? "", result.bestGigaflops?.text(1) ?? "")
    }
    return table.text
  }
}

struct KernelResult: Encodable {
  let kernel: String
  let instructions: String
  let seconds: Double
  let bestSeconds: Double
  let gigaflops: Double?
  let bestGigaflops: Double?

  init(kernel: String, instructions: String, seconds: Double, bestSeconds: Double, work: Work?) {
    self.kernel = kernel
    self.instructions = instructions
    self.seconds = seconds
    self.bestSeconds = bestSeconds
    gigaflops = work.map { $0.gigaflop / seconds }
    bestGigaflops = work.map { $0.gigaflop / bestSeconds }
  }
}

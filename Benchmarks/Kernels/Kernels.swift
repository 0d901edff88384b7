import ArgumentParser
import Benchmark
import BenchmarkSupport
import Foundation
import Platform
import TensorCore
import TensorKernels

/// Measures each kernel by itself at the network's shapes, under every instruction set that the processor has.
@main
struct Kernels: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures each kernel at the network's shapes, under every instruction set that the processor has.",
    discussion: """
      Medians by the clock, and best times: on one thread those of the processor, so that they mean something on a \
      machine that others use. GOP/s count the textbook's multiply-adds, two for each, so that Winograd's transforms \
      may exceed the peak, which is that of the best time: of products of bytes for int8, else of floats.
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
    var suites = KernelBackend.available.map { backend in
      let bed = Bed(threads: threads, backend: backend)
      return suite(backend.description, bed.layerCases + bed.integerCases + bed.otherCases)
    }
    suites.append(suite("images", try Bed(threads: threads, backend: .best).imageCases()))
    var runner = BenchmarkRunner(
      suites: suites, settings: benchmark.settings + [Format(.none)],
      customDefaults: [MinTime(seconds: 0.3), WarmupIterations(1)])
    try runner.run()
    var peaks = Peaks(threads: threads)
    let results = runner.results.map { result in
      let kernel = cases["\(result.suiteName).\(result.benchmarkName)"]
      let best = threads == 1 ? kernel?.timer.leastSeconds : (result.measurements.min() ?? 0) / 1e9
      return KernelResult(
        kernel: result.benchmarkName, instructions: result.suiteName, seconds: median(result.measurements) / 1e9,
        bestSeconds: best ?? 0, work: kernel?.work,
        peak: kernel.flatMap { peaks.gigaops(of: $0.numbers, result.suiteName) })
    }
    print(json ? try jsonText(of: results) : table(results))
  }

  private func table(_ results: [KernelResult]) -> String {
    var table = TextTable("\(Processor.name), \(threads) threads", "", "ms", "best, ms", "GOP/s", "best", "of peak")
    for result in results {
      table.add(
        result.kernel, result.instructions, (result.seconds * 1000).text(3), (result.bestSeconds * 1000).text(3),
        result.gigaops?.text(1) ?? "", result.bestGigaops?.text(1) ?? "", result.ofPeak.map { "\($0.percent) %" } ?? "")
    }
    return table.text
  }
}

/// The peaks of the backends' instruction sets, each measured when it is asked for.
struct Peaks {
  let threads: Int
  private var known: [String: Double] = [:]

  init(threads: Int) { self.threads = threads }

  /// - Parameter name: Of a backend; nil for any other, and for OpenBLAS, which chooses instructions itself.
  mutating func gigaops(of numbers: KernelCase.Numbers, _ name: String) -> Double? {
    guard let instructions = InstructionSet(rawValue: name) else { return nil }
    let key = "\(name) \(numbers)"
    let peak = known[key] ?? measure(numbers, instructions)
    known[key] = peak
    return peak
  }

  private func measure(_ numbers: KernelCase.Numbers, _ instructions: InstructionSet) -> Double {
    switch numbers {
    case .floats: PeakRate.gigaflops(threads: threads, instructions)
    case .bytes: PeakRate.gigaops(threads: threads, instructions.integers)
    }
  }
}

struct KernelResult: Encodable {
  let kernel: String
  let instructions: String
  let seconds: Double
  let bestSeconds: Double
  /// 10⁹ operations a second, two for each multiply-add, by the median and by the best time.
  let gigaops: Double?
  let bestGigaops: Double?
  /// What the instructions reach in registers alone.
  let peakGigaops: Double?

  init(kernel: String, instructions: String, seconds: Double, bestSeconds: Double, work: Work?, peak: Double?) {
    self.kernel = kernel
    self.instructions = instructions
    self.seconds = seconds
    self.bestSeconds = bestSeconds
    gigaops = work.map { $0.gigaflop / seconds }
    bestGigaops = work.map { $0.gigaflop / bestSeconds }
    peakGigaops = peak
  }

  /// The best as a part of the peak.
  var ofPeak: Double? {
    guard let bestGigaops, let peakGigaops else { return nil }
    return bestGigaops / peakGigaops
  }
}

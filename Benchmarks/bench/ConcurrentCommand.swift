import ArgumentParser
import BenchmarkSupport
import Foundation
import HumanParsing
import ImageCoding

/// Times parses that run at the same time beside the same parses one after another.
struct ConcurrentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "concurrent", abstract: "Times parses that run at the same time beside one after another.",
    discussion: """
      All callers share one parser, and so one pool of --threads threads. The ratio is the time of --callers parses at \
      the same time over that of as many parses one after another; medians of --runs rounds in which both take turns.
      """)

  @Argument(help: "A picture file.")
  var picture: String

  @OptionGroup var weights: WeightsOptions

  @Option(help: "Threads of the shared pool.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "Parses at the same time.")
  var callers = 2

  @Option(help: "Rounds to take the medians of.")
  var runs = 11

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    guard (1...10_000).contains(runs) else { throw ValidationError("--runs must be 1 to 10000") }
    guard (2...64).contains(callers) else { throw ValidationError("--callers must be 2 to 64") }
  }

  func run() throws {
    Bench.warnInDebug()
    let (parser, name) = try weights.withFile { file, name in
      (try HumanParser(weights: file, options: .init(threads: threads)), name)
    }
    let image = try RGBImage(contentsOf: URL(filePath: picture))
    let clock = ContinuousClock()
    var (consecutive, concurrent): ([Double], [Double]) = ([], [])
    // The first round fills the arenas of all callers and is not counted.
    for round in 0...runs {
      let first = try clock.measure { for _ in 0..<callers { _ = try parser.parse(image) } }
      let second = clock.measure {
        DispatchQueue.concurrentPerform(iterations: callers) { _ in _ = try? parser.parse(image) }
      }
      guard round > 0 else { continue }
      consecutive.append(first / .seconds(1))
      concurrent.append(second / .seconds(1))
    }
    let report = ConcurrentReport(
      weights: name, threads: threads, callers: callers, consecutiveSeconds: median(consecutive),
      concurrentSeconds: median(concurrent))
    print(json ? try jsonText(of: report) : report.text)
  }
}

/// What `bench concurrent` measured; times in seconds for all parses of a round.
struct ConcurrentReport: Encodable {
  let weights: String
  let threads: Int
  let callers: Int
  let consecutiveSeconds: Double
  let concurrentSeconds: Double

  var ratio: Double { concurrentSeconds / consecutiveSeconds }

  var text: String {
    let lines = [
      "\(weights), \(threads) threads, \(callers) parses",
      Stage(name: "one after another", seconds: consecutiveSeconds).line,
      Stage(name: "at the same time", seconds: concurrentSeconds).line,
      String(format: "ratio %.2f", ratio),
    ]
    return lines.joined(separator: "\n")
  }
}

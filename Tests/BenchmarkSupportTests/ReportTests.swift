import BenchmarkSupport
import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct ReportTests {
  private func run(_ size: InputSize, threads: Int, seconds: Double, peakGigaops: Double? = nil) -> EngineRun {
    let operations = OperationCount(multiplyAdds: 5_000_000_000, bytes: 1_000)
    return EngineRun(
      size: size, threads: threads, passes: 3,
      stages: [StageRun(name: "stem", seconds: seconds / 4, operations: operations)],
      forward: StageRun(name: "forward", seconds: seconds, operations: operations), bestSeconds: seconds,
      peakGigaflops: 100,
      peakGigaops: peakGigaops, arenaBytes: 1, arenaGrowths: 0, allocations: 7, peakResidentBytes: Int(seconds * 1e6))
  }

  private func report(_ runs: [EngineRun]) -> EngineReport {
    EngineReport(processor: "p", instructions: "i", weights: "w", loadingPeakBytes: 0, runs: runs)
  }

  private let small = InputSize(height: 320, width: 576)
  private let large = InputSize(height: 640, width: 1152)

  @Test(arguments: [([], 0), ([3], 3), ([2, 9, 1], 2), ([1, 2, 3, 4], 3)] as [([Double], Double)])
  func medians(_ values: [Double], _ expected: Double) { #expect(median(values) == expected) }

  @Test(arguments: [([], 0), ([4], 0), ([4, 5], 0.25), ([5, 2, 4], 1.5)] as [([Double], Double)])
  func spreads(_ values: [Double], _ expected: Double) { #expect(spread(values) == expected) }

  @Test(arguments: [(320, 320, 576), (640, 640, 1152), (960, 960, 1728), (1280, 1280, 2304), (100, 128, 192)])
  func shortEdgesAreThoseOfFrames(_ edge: Int, _ height: Int, _ width: Int) {
    #expect(InputSize(shortEdge: edge, divisor: 32) == InputSize(height: height, width: width))
  }

  @Test func ratesFollowFromOperationsAndTime() {
    let run = run(large, threads: 1, seconds: 2)
    #expect(run.forward.gigaflops == 5 && run.imagesPerSecond == 0.5)
    #expect(run.secondsPerMegapixel == 2 / 0.73728)
  }

  @Test(arguments: [(nil, "GFLOP/s", "5 %"), (400, "GOP/s", "1 %")] as [(Double?, String, String)])
  func sharesAreOfThePeakOfTheNetworksNumbers(_ peakGigaops: Double?, _ rate: String, _ share: String) {
    let run = run(large, threads: 1, seconds: 2, peakGigaops: peakGigaops)
    #expect(run.peak == peakGigaops ?? 100)
    #expect(run.text.contains("peak of the processor \((peakGigaops ?? 100).text(1)) \(rate)"))
    #expect(run.text.split(separator: "\n").contains { $0.hasPrefix("forward") && $0.hasSuffix(" \(share)") })
  }

  @Test func namesTheInt8Instructions() {
    let report = EngineReport(
      processor: "p", instructions: "avx512", integerInstructions: "vnni", weights: "w", loadingPeakBytes: 0, runs: [])
    #expect(report.text.hasPrefix("p, avx512, bytes with vnni; w\n"))
  }

  /// A report as it was written before there were int8 networks.
  @Test func readsEarlierReports() throws {
    let json = """
      {"processor": "p", "instructions": "i", "weights": "w", "loadingPeakBytes": 1, "runs": [{
        "size": {"height": 320, "width": 576}, "threads": 2, "passes": 3, "stages": [], "bestSeconds": 1,
        "forward": {"name": "forward", "seconds": 1, "work": {"multiplyAdds": 5, "bytes": 1}, "gigaflops": 1},
        "peakGigaflops": 100, "arenaBytes": 1, "arenaGrowths": 0, "peakResidentBytes": 1000000, "imagesPerSecond": 1,
        "secondsPerMegapixel": 1
      }]}
      """
    let earlier = try JSONDecoder().decode(EngineReport.self, from: Data(json.utf8))
    #expect(earlier.integerInstructions == nil && earlier.runs[0].peak == 100)
    let now = report([run(small, threads: 2, seconds: 0.5, peakGigaops: 400)])
    #expect(now.compared(with: earlier).map(\.ratio) == [2, 2])
  }

  @Test func scalingOverSizesAndThreads() {
    let scaling = Scaling([
      run(large, threads: 2, seconds: 2), run(large, threads: 1, seconds: 3), run(small, threads: 1, seconds: 1),
    ])
    #expect(scaling.sizes == [small, large] && scaling.threads == [1, 2])
    #expect(scaling.speedup(large, threads: 2) == 1.5)
    #expect(scaling.speedup(small, threads: 2) == nil)
    #expect(abs(scaling.spreadOverSizes(threads: 1) - 1 / 3) < 1e-12)
  }

  @Test func comparesWhatBothReportsHave() {
    let earlier = report([run(large, threads: 2, seconds: 3)])
    let now = report([run(small, threads: 2, seconds: 1), run(large, threads: 2, seconds: 2)])
    #expect(
      now.compared(with: earlier) == [
        BaselineComparison(name: "640 × 1152, 2 threads: stem, ms", earlier: 750, now: 500),
        BaselineComparison(name: "640 × 1152, 2 threads: forward, ms", earlier: 3000, now: 2000),
        BaselineComparison(name: "640 × 1152, 2 threads: resident, MB", earlier: 3, now: 2),
      ])
    #expect(now.compared(with: earlier).map(\.ratio) == [1.5, 1.5, 1.5])
  }

  @Test func readsTheLinesOfOtherEngines() {
    let line = EngineMeasurement(json: #"{"engine": "e", "forward_s": 1.5, "best_s": 1.25, "peak_mb": 900, "more": 1}"#)
    #expect(line == EngineMeasurement(engine: "e", forwardSeconds: 1.5, bestSeconds: 1.25, peakMebibytes: 900))
    #expect(EngineMeasurement(json: "Loading the model") == nil)
    #expect(EngineMeasurement(json: #"{"engine": "e"}"#) == nil)
  }

  @Test func theBestTurnOfEachEngineCounts() {
    func line(_ engine: String, _ seconds: Double) -> EngineMeasurement {
      EngineMeasurement(engine: engine, forwardSeconds: seconds, bestSeconds: seconds, peakMebibytes: 100)
    }
    var report = EngineComparison(size: small, threads: 2)
    for seconds in [4.0, 2, 3] {
      report.add(ours: line("floats", seconds))
      report.add(quantized: line("bytes", seconds / 2))
      report.add(peer: line("theirs", 2 * seconds))
    }
    #expect(report.ours == line("floats", 2) && report.quantized == line("bytes", 1))
    #expect(report.peers == [line("theirs", 4)])
  }

  @Test func bothPrecisionsAreComparedWithEveryEngine() {
    func line(_ engine: String, _ seconds: Double, _ mebibytes: Double) -> EngineMeasurement {
      EngineMeasurement(engine: engine, forwardSeconds: seconds, bestSeconds: seconds, peakMebibytes: mebibytes)
    }
    var report = EngineComparison(size: small, threads: 2)
    report.add(ours: line("floats", 2, 500))
    report.add(quantized: line("bytes", 1, 250))
    report.add(peer: line("theirs", 4, 1000))
    let cells = report.text.split(separator: "\n").suffix(3).map { $0.split(separator: " ").map(String.init) }
    #expect(
      cells == [
        ["floats", "2.000", "2.000", "500", "0.50", "0.50"],
        ["bytes", "1.000", "1.000", "250"],
        ["theirs", "4.000", "4.000", "1000", "0.50", "0.50", "0.25", "0.25"],
      ])
  }

  @Test func tablesAreFlush() {
    var table = TextTable("name", "ms")
    table.add("a", "12.5")
    #expect(table.text == "name    ms\na     12.5")
  }
}

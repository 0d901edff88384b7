import BenchmarkSupport
import Foundation

/// The Python script that runs other engines.
///
/// It takes a weights file and `--step`: `export` and `quantize` prepare files in the folder `--work`, an engine's name
/// measures it and prints one line of JSON.
struct EngineComparisonScript {
  let python: String
  let file: String
  /// Folder for the files that one step leaves to the next.
  let folder: URL

  /// The engine that needs the step `quantize`, in addition to `export`, which all but PyTorch need.
  private static let quantized = "openvino-int8"

  /// Makes the files that the engines read.
  func prepare(_ engines: [String], _ arguments: [String]) throws {
    if engines.contains(where: { $0 != "pytorch" }) { _ = try run("export", arguments, isTold: false) }
    if engines.contains(Self.quantized) { _ = try run("quantize", arguments, isTold: false) }
  }

  func measure(_ engine: String, _ arguments: [String]) throws -> EngineMeasurement {
    let output = try run(engine, arguments)
    let lines = output.split(separator: "\n").compactMap { EngineMeasurement(json: String($0)) }
    guard let line = lines.last else {
      throw ChildProcess.Failure(description: "\(file): expected a line of JSON for \(engine), found none")
    }
    return line
  }

  /// - Parameter isTold: Whether what the script says on standard error is shown.
  private func run(_ step: String, _ arguments: [String], isTold: Bool = true) throws -> String {
    try ChildProcess.output(
      of: python, [file] + arguments + ["--work", folder.path, "--step", step],
      log: isTold ? nil : folder.appending(path: "log.txt"))
  }
}

/// This package, measured in a process of its own, like the other engines.
struct OwnEngine {
  let size: InputSize
  let threads: Int
  let runs: Int

  func measure(_ weights: URL, _ name: String) throws -> EngineMeasurement {
    let output = try ChildProcess.output(
      of: "/proc/self/exe",
      [
        "engine", "--weights", weights.path, "--size", "\(size.height)x\(size.width)", "--threads", "\(threads)",
        "--runs", "\(runs)", "--json",
      ])
    let report = try JSONDecoder().decode(EngineReport.self, from: Data(output.utf8))
    let run = report.runs[0]
    return EngineMeasurement(
      engine: name, forwardSeconds: run.forward.seconds, bestSeconds: run.bestSeconds,
      peakMebibytes: Double(max(report.loadingPeakBytes, run.peakResidentBytes)) / 1_048_576)
  }
}

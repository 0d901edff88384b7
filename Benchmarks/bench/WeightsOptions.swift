import ArgumentParser
import BenchmarkSupport
import Foundation
import M2FP
import StarterWeights

/// Options that choose the weights to measure.
struct WeightsOptions: ParsableArguments {
  @Option(help: "A weights file, instead of seeded random weights for ResNet-101.")
  var weights: String?

  @Flag(help: "The weights that ship with the package.")
  var starter = false

  @Flag(name: .customLong("int8"), help: "Random or starter weights in int8.")
  var isQuantized = false

  func validate() throws {
    guard !isQuantized || weights == nil else {
      throw ValidationError("--int8 chooses random or starter weights: expected no --weights beside it")
    }
    guard weights == nil || !starter else { throw ValidationError("--weights and --starter exclude each other") }
  }

  /// Calls `body` with the weights file and its name for reports. A file of random weights is removed afterwards.
  func withFile<Result>(_ body: (_ file: URL, _ name: String) throws -> Result) throws -> Result {
    func named(_ file: URL, _ name: String) throws -> Result {
      try body(file, "\(name), \(try WeightsFile(file).precision)")
    }
    if let weights { return try named(URL(filePath: weights), URL(filePath: weights).lastPathComponent) }
    if starter {
      let starter: StarterWeights = isQuantized ? .int8 : .fp16
      guard let url = starter.url else {
        throw ValidationError("the starter weights are not beside the program: expected \(starter.expectedPlace)")
      }
      return try named(url, "the starter weights")
    }
    return try withTemporaryFolder { folder in
      let file = folder.appending(path: "random.safetensors")
      // In a process of its own, so that its memory is not counted here.
      let arguments = ["weights", file.path] + (isQuantized ? ["--int8"] : [])
      _ = try ChildProcess.output(of: "/proc/self/exe", arguments)
      return try named(file, "random weights for ResNet-101")
    }
  }
}

/// Calls `body` with a new folder, which is removed with its contents when `body` returns.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

import ArgumentParser
import Foundation
import HumanParsing
import ImageCoding
import Platform

/// Flags of commands that run the network.
struct ParserOptions: ParsableArguments {
  @Option(
    name: [.customShort("m"), .customLong("weights")],
    help: ArgumentHelp(
      "Weights file of `m2fp convert` or `m2fp quantize`; the starter weights if absent.", valueName: "weights"))
  var weights: String?

  @Option(help: "Precision of the computation; that of the weights file if absent.")
  var precision: Precision?

  @Option(
    help: "Threads for one picture; if absent, what SLURM_CPUS_PER_TASK or CUE_THREADS says, or all processors.")
  var threads: Int?

  @Flag(
    name: .customLong("no-mmap"),
    help: "Read the weights into memory instead of mapping the file, which must not change while it is mapped.")
  var readsWeights = false

  @Option(
    name: .customLong("max-megapixels"),
    help: ArgumentHelp("Largest picture, in millions of pixels.", valueName: "n"))
  var megapixels: Int?

  @Option(
    help: ArgumentHelp(
      "Second look at small people, each in a crop of the picture: off, auto where it pays, or high; off if absent."))
  var detail: Detail?

  @Flag(
    help: ArgumentHelp(
      "Leave the masks of people as the network gives them: with specks, and neighbours in one mask."))
  var rawPeople = false

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads: expected 1 or more, found \(threads)") }
    if let megapixels, !(1...100_000).contains(megapixels) {
      throw ValidationError("--max-megapixels: expected 1 to 100000, found \(megapixels)")
    }
  }

  var imageLimits: ImageLimits {
    var limits = ImageLimits.default
    if let megapixels { limits.maximumPixels = megapixels * 1_000_000 }
    return limits
  }

  /// Threads that Slurm or OpenCue grants this task.
  private static var grantedThreads: Int? {
    ["SLURM_CPUS_PER_TASK", "CUE_THREADS"].lazy.compactMap(environmentVariable).compactMap { Int($0) }.first { $0 > 0 }
      .map { min($0, HumanParser.mostThreads) }
  }

  func makeParser() throws(Failure) -> HumanParser {
    let options = HumanParser.Options(
      precision: precision, threads: threads ?? Self.grantedThreads, memoryMapped: !readsWeights,
      imageLimits: imageLimits,
      mending: rawPeople ? .none : .standard, detail: detail ?? .off)
    do {
      guard let weights else {
        #if StarterWeights
          return try HumanParser(options: options)
        #else
          throw Failure(.usage, "-m: expected a weights file: this program was built without the starter weights")
        #endif
      }
      return try HumanParser(weights: FilePath.url(weights), options: options)
    } catch {
      let failure = Failure(error, about: weights)
      throw Failure(failure.status, weights.map { "\($0): \(failure.message)" } ?? failure.message)
    }
  }
}

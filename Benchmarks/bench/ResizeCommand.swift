import ArgumentParser
import BenchmarkSupport
import Foundation
import ImageCoding
import TensorCore

/// Times the resizing of a frame; `Benchmarks/resize.py` compares it with others.
struct ResizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resize", abstract: "Times the resizing of a frame of raw RGB bytes.",
    discussion: "Median of --runs after one that is not counted. Benchmarks/resize.py compares it with others.")

  @Argument(help: "A file of height × width × 3 bytes.")
  var frame: String

  @Option(help: "Height and width of the frame.", transform: FrameSize.init(argument:))
  var from = FrameSize(height: 1080, width: 1920)

  @Option(help: "Height and width to resize to.", transform: FrameSize.init(argument:))
  var to = FrameSize(height: 640, width: 1138)

  @Option(help: "A file for the resized frame's bytes.")
  var output: String?

  @Option(help: "Threads.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "Resizings to take the median of.")
  var runs = 101

  @Flag(help: "Print one JSON object instead of a line.")
  var json = false

  func validate() throws {
    guard threads >= 1, runs >= 1 else { throw ValidationError("--threads and --runs must be at least 1") }
  }

  func run() throws {
    Bench.warnInDebug()
    let bytes = try Data(contentsOf: URL(filePath: frame))
    let image = try RGBImage(width: from.width, height: from.height, pixels: Array(bytes))
    let pool = WorkerPool(threads: threads)
    let stage = Stage("resize on \(threads) threads", runs: runs) {
      _ = image.resized(width: to.width, height: to.height, pool: pool)
    }
    if let output {
      let resized = image.resized(width: to.width, height: to.height, pool: pool)
      try Data(resized.pixels).write(to: URL(filePath: output))
    }
    print(json ? try jsonText(of: stage) : stage.line)
  }
}

/// What `--from` and `--to` take: `1080x1920`.
struct FrameSize {
  let height: Int
  let width: Int

  init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  init(argument: String) throws {
    let lengths = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard lengths.count == 2, lengths.allSatisfy({ (1...16_384).contains($0) }) else {
      throw ValidationError("a size is HEIGHTxWIDTH, each 1 to 16384, found \(argument)")
    }
    (height, width) = (lengths[0], lengths[1])
  }
}

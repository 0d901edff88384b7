import ArgumentParser
import BenchmarkSupport
import EXRFiles
import Foundation
import HumanParsing
import ImageCoding
import MaskMerging
import TensorCore

/// Times the writing of mattes as layers of OpenEXR files beside the network.
struct EXRCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exr", abstract: "Times the writing of OpenEXR files beside the forward pass of the same frame.",
    discussion: """
      A made-up frame of 1920 × 1080: R, G, B, A and 24 layers of one channel, in half precision, from mattes in memory to \
      the bytes of the file. A file is written on one thread, and --threads files at the same time, as m2fp sequence does. \
      Medians of --runs rounds, in which all take turns, after one that is not counted.
      """)

  @OptionGroup var weights: WeightsOptions

  @Option(help: "Threads of the forward pass, and files that are written at the same time.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "Compression: none, zips, zip, piz or rle.", transform: Self.compression)
  var compression = EXRCompression.zip

  @Option(help: "Rounds to take the medians of.")
  var runs = 9

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  static let layers = 24

  private static func compression(_ name: String) throws -> EXRCompression {
    guard let found = EXRCompression(rawValue: name) else {
      throw ValidationError("--compression: expected none, zips, zip, piz or rle, found \(name)")
    }
    return found
  }

  func validate() throws {
    guard threads >= 1, (1...10_000).contains(runs) else {
      throw ValidationError("--threads must be at least 1, --runs 1 to 10000")
    }
  }

  func run() throws {
    Bench.warnInDebug()
    let (parser, name) = try weights.withFile { file, name in
      (try HumanParser(weights: file, options: .init(threads: threads)), name)
    }
    let frame = try EXRFrame(compression, pool: .shared(threads: threads))
    let clock = ContinuousClock()
    var (forward, alone, together): ([Double], [Double], [Double]) = ([], [], [])
    for round in 0...runs {
      let pass = try parser.parse(frame.photo).timings.forward / 1000
      let one = try clock.measure { _ = try frame.file() }
      let all = clock.measure {
        DispatchQueue.concurrentPerform(iterations: threads) { _ in _ = try? frame.file() }
      }
      guard round > 0 else { continue }
      forward.append(pass)
      alone.append(one / .seconds(1))
      together.append(all / .seconds(1) / Double(threads))
    }
    let report = EXRReport(
      weights: name, threads: threads, compression: compression.rawValue, fileBytes: try frame.file().count,
      forwardSeconds: median(forward), aloneSeconds: median(alone), togetherSeconds: median(together))
    print(json ? try jsonText(of: report) : report.text)
  }
}

/// A frame with its mattes.
private struct EXRFrame: Sendable {
  let photo: RGBImage
  private let mattes: [[Float]]
  private let person: [Float]
  private let compression: EXRCompression

  init(_ compression: EXRCompression, pool: WorkerPool) throws {
    let scene = try MaskScene(areFullSize: false, pool: pool)
    photo = scene.photo
    let set = try MatteSet(scene.masks, of: photo)
    let parts = set.mattes.map(\.values)
    // Those of parts, and those of everything but a part.
    let others = scene.masks.indices.map { left in set.sum(of: scene.masks.indices.filter { $0 != left }).values }
    mattes = Array((parts + others).prefix(EXRCommand.layers))
    precondition(mattes.count == EXRCommand.layers)
    person = set.sum(of: scene.masks.indices).values
    self.compression = compression
  }

  func file() throws -> Data {
    let window = EXRWindow(width: photo.width, height: photo.height)
    let beauty = EXRSamples.layer(of: photo, under: person)
    let colors = "RGBA".enumerated().map { EXRSampledChannel(String($1), beauty, first: $0, stride: 4) }
    let layers = mattes.enumerated().map { EXRSampledChannel("layer\($0).R", EXRSamples(halving: $1)) }
    return try EXRImage(
      dataWindow: window, displayWindow: window, compression: compression, channels: colors + layers
    ).data()
  }
}

/// What `bench exr` measured; times in seconds for a frame.
struct EXRReport: Encodable {
  let weights: String
  let threads: Int
  let compression: String
  let fileBytes: Int
  let forwardSeconds: Double
  /// One file at a time.
  let aloneSeconds: Double
  /// As many at the same time as there are threads.
  let togetherSeconds: Double

  var text: String {
    let lines = [
      "\(MaskScene.width) × \(MaskScene.height), \(EXRCommand.layers) layers, \(compression), \(fileBytes) bytes; \(weights), \(threads) threads",
      Stage(name: "forward pass", seconds: forwardSeconds).line,
      Stage(name: "a file alone", seconds: aloneSeconds).line,
      Stage(name: "a file of \(threads) at the same time", seconds: togetherSeconds).line,
      String(
        format: "ratio to the forward pass: %.2f alone, %.2f at the same time", aloneSeconds / forwardSeconds,
        togetherSeconds / forwardSeconds),
    ]
    return lines.joined(separator: "\n")
  }
}

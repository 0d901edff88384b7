import ArgumentParser
import BenchmarkSupport
import Foundation
import HumanParsing
import ImageCoding
import MaskMerging
import Platform

/// Times a whole frame, from the picture file to the bytes of the files that `m2fp parse` writes.
struct FrameCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "frame", abstract: "Times a whole frame, from the picture file to the results' bytes.",
    discussion: """
      Decoding, preprocessing, the forward pass, postprocessing, and encoding of the label map, the merged picture and \
      the JSON text. Medians of --runs frames after one that is not counted. Nothing is written.
      """)

  @Argument(help: "A picture file.")
  var picture: String

  @OptionGroup var weights: WeightsOptions

  @Option(help: "Threads.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "Frames to take the median of.")
  var runs = 5

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    guard (1...10_000).contains(runs) else { throw ValidationError("--runs must be 1 to 10000") }
  }

  func run() throws {
    Bench.warnInDebug()
    let (parser, name) = try weights.withFile { file, name in
      (try HumanParser(weights: file, options: .init(threads: threads)), name)
    }
    let loadingPeak = ProcessMemory.peak
    ProcessMemory.resetPeak()
    let url = URL(filePath: picture)
    let first = try frame(of: url, parser, weights: name)
    let frames = try (0..<runs).map { _ in try frame(of: url, parser, weights: name) }
    let report = FrameReport(
      picture: url.lastPathComponent, width: first.width, height: first.height, weights: name, threads: threads,
      frames: frames, loadingPeakBytes: loadingPeak, peakResidentBytes: ProcessMemory.peak)
    print(json ? try jsonText(of: report) : report.text)
  }

  private func frame(of url: URL, _ parser: HumanParser, weights: String) throws -> Frame {
    let clock = ContinuousClock()
    let start = clock.now
    let parsing = try parser.parse(contentsOf: url)
    let encode = try clock.measure {
      let colors = Palette.film.colors(of: parsing.classes).map { (red: $0.red, green: $0.green, blue: $0.blue) }
      _ = try parsing.labelMap.pngData(palette: colors)
      _ = try parsing.colorMap(palette: .film).pngData()
      _ = try parsing.summary(weights: weights).json()
    }
    let whole = (clock.now - start) / .seconds(1)
    var timings = parsing.timings
    timings.encode = encode / .milliseconds(1)
    return Frame(width: parsing.width, height: parsing.height, timings: timings, whole: whole)
  }
}

/// Times of one frame.
struct Frame {
  let width: Int
  let height: Int
  let timings: Timings
  let whole: Double
}

/// Result of `bench frame`; times in seconds.
struct FrameReport: Encodable {
  let picture: String
  let width: Int
  let height: Int
  let weights: String
  let threads: Int
  let stages: [Stage]
  /// Medians of the whole frame, of its forward pass, and of the rest.
  let wholeSeconds: Double
  let forwardSeconds: Double
  let besidesForwardSeconds: Double
  let loadingPeakBytes: Int
  let peakResidentBytes: Int

  init(
    picture: String, width: Int, height: Int, weights: String, threads: Int, frames: [Frame], loadingPeakBytes: Int,
    peakResidentBytes: Int
  ) {
    (self.picture, self.width, self.height) = (picture, width, height)
    (self.weights, self.threads) = (weights, threads)
    (self.loadingPeakBytes, self.peakResidentBytes) = (loadingPeakBytes, peakResidentBytes)
    func stage(_ name: String, _ milliseconds: (Timings) -> Double) -> Stage {
      Stage(name: name, seconds: median(frames.map { milliseconds($0.timings) / 1000 }))
    }
    stages = [
      stage("decode", \.decode), stage("preprocess", \.preprocess), stage("forward", \.forward),
      stage("postprocess", \.postprocess), stage("encode", \.encode),
    ]
    wholeSeconds = median(frames.map(\.whole))
    forwardSeconds = stages[2].seconds
    besidesForwardSeconds = median(frames.map { $0.whole - $0.timings.forward / 1000 })
  }

  var text: String {
    let lines = [
      "\(picture), \(width) × \(height); \(weights), \(threads) threads",
      stages.map(\.line).joined(separator: "\n"),
      Stage(name: "whole frame", seconds: wholeSeconds).line,
      Stage(name: "all but forward", seconds: besidesForwardSeconds).line,
      "resident at most \(loadingPeakBytes.megabytes) MB while loading, \(peakResidentBytes.megabytes) MB while parsing",
    ]
    return lines.joined(separator: "\n")
  }
}

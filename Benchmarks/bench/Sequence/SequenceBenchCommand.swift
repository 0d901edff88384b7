import ArgumentParser
import BenchmarkSupport
import Foundation
import HumanParsing
import ImageCoding
import MaskMerging
import TensorCore

/// Measures masks over time on a shot of which everything is known.
struct SequenceBenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sequence", abstract: "Measures masks over time on a shot of which everything is known.",
    discussion: """
      The shot is made of still photographs: people are cut out by their known masks and walk over two backgrounds, cross, \
      leave and come back; the light changes, and there is a cut after two thirds of its 120 frames. By default it is made \
      of Docs/Samples, and the truth about its people is what the network sees in the photographs; with --images, --labels \
      and --instances it is made of labelled photographs.
      """)

  @Option(parsing: .upToNextOption, help: "Folders of photographs.")
  var images: [String] = []

  @Option(parsing: .upToNextOption, help: "Folders of label maps of photographs with one person each.")
  var labels: [String] = []

  @Option(
    parsing: .upToNextOption, help: "Folders of maps of persons; photographs without any become the backgrounds.")
  var instances: [String] = []

  @Option(help: "Folder of the samples.")
  var samples = "Docs/Samples"

  @Option(help: "Rows of a frame, 16 : 9.")
  var height = 360

  @Option(help: "Frames; the first of the 120.")
  var frames = TestShot.length

  @OptionGroup var weights: WeightsOptions

  @Option(help: "Threads.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(
    help: "A folder for the frames, the true mattes, and the merged pictures and mattes with each smoothing.",
    transform: { URL(filePath: $0, directoryHint: .isDirectory) })
  var write: URL?

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    guard (32...2160).contains(height) else { throw ValidationError("--height must be 32 to 2160") }
    guard (1...TestShot.length).contains(frames) else { throw ValidationError("--frames must be 1 to 120") }
    guard images.isEmpty == labels.isEmpty, images.isEmpty == instances.isEmpty else {
      throw ValidationError("--images, --labels and --instances belong together")
    }
  }

  func run() throws {
    Bench.warnInDebug()
    let pool = WorkerPool.shared(threads: threads)
    let (parser, name) = try weights.withFile { file, name in
      (try HumanParser(weights: file, options: .init(threads: threads)), name)
    }
    let size = (width: (height * 16 / 9 + 1) / 2 * 2, height: height)
    let sources =
      images.isEmpty
      ? try ShotSources(samples: URL(filePath: samples), parser: parser, size: size, pool: pool)
      : try ShotSources(images: images, labels: labels, instances: instances, size: size, pool: pool)
    let shot = TestShot(width: size.width, height: size.height, sources: sources)
    var measurements = TemporalSmoothing.allCases.map { temporal in
      var measurement = SequenceMeasurement(
        temporal.rawValue, SmoothingParameters(temporal), shot: shot, parser: parser)
      if let write {
        measurement.didParse = { try self.write($1, $2, $0.index, to: write.appending(path: temporal.rawValue)) }
      }
      return measurement
    }
    for index in 0..<frames {
      let frame = try shot.frame(index)
      let observation = try parser.observe(frame.image)
      for place in measurements.indices { try measurements[place].add(.init(index: index, frame: frame), observation) }
      if let write { try self.write(frame, index, to: write) }
    }
    for place in measurements.indices { try measurements[place].finish() }
    let report = SequenceReport(
      weights: name, width: size.width, height: size.height, frames: frames, rows: measurements.map(\.row))
    print(json ? try jsonText(of: report) : report.text)
  }

  private func write(_ data: Data, _ name: String, _ index: Int, to folder: URL) throws {
    let folder = folder.appending(path: name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try data.write(to: folder.appending(path: String(format: "\(name).%04d.png", 1001 + index)))
  }

  private func write(_ frame: TestShot.Frame, _ index: Int, to folder: URL) throws {
    try write(frame.image.pngData(compression: .fast), "frames", index, to: folder)
    let alpha = try GrayImage(
      width: frame.image.width, height: frame.image.height, pixels: frame.alpha.map { UInt8($0 * 255 + 0.5) })
    try write(alpha.pngData(compression: .fast), "truth", index, to: folder)
  }

  private func write(_ parsing: Parsing, _ matte: Matte, _ index: Int, to folder: URL) throws {
    try write(parsing.colorMap(palette: .film).pngData(compression: .flat), "color", index, to: folder)
    try write(matte.image8().pngData(compression: .fast), "person", index, to: folder)
  }
}

/// Result of `bench sequence`.
struct SequenceReport: Encodable {
  let weights: String
  let width: Int
  let height: Int
  let frames: Int
  let rows: [SequenceRow]

  var text: String {
    var table = TextTable(
      header: [
        "temporal", "mean IoU", "person IoU", "TC", "dtSSD", "along motion", "matte error", "switches", "at crossings",
        "across the cut",
        "seen", "smoothing ms",
      ])
    for row in rows {
      table.add(cells: [
        row.temporal, (100 * row.meanIoU).text(2), (100 * row.personIoU).text(2),
        (100 * row.temporalConsistency).text(2),
        row.dtSSD.text(3), row.movingFlicker.text(3), row.matteError.text(2), "\(row.switches)",
        "\(row.switchesAtCrossings)",
        "\(row.switchesAcrossCuts)", row.seen.percent, row.smoothingMilliseconds.text(1),
      ])
    }
    return "\(frames) frames of \(width) × \(height); \(weights)\n" + table.text
  }
}

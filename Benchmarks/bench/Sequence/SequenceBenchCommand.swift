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
    help: "A folder for the frames, and for the merged pictures with each smoothing.",
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
    var measurements = try TemporalSmoothing.allCases.map { temporal in
      var measurement = SequenceMeasurement(
        temporal.rawValue, SmoothingParameters(temporal), shot: shot, parser: parser)
      if let write { measurement.didParse = try writer(to: write.appending(path: temporal.rawValue)) }
      return measurement
    }
    let frameWriter = try write.map { try folder($0.appending(path: "frames")) }
    for index in 0..<frames {
      let frame = try shot.frame(index)
      let observation = try parser.observe(frame.image)
      for place in measurements.indices { try measurements[place].add(.init(index: index, frame: frame), observation) }
      if let frameWriter { try frame.image.pngData(compression: .fast).write(to: file(index, in: frameWriter)) }
    }
    for place in measurements.indices { try measurements[place].finish() }
    let report = SequenceReport(
      weights: name, width: size.width, height: size.height, frames: frames, rows: measurements.map(\.row))
    print(json ? try jsonText(of: report) : report.text)
  }

  private func folder(_ url: URL) throws -> URL {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }

  private func file(_ index: Int, in folder: URL) -> URL {
    folder.appending(path: String(format: "shot.%04d.png", 1001 + index))
  }

  private func writer(to folder: URL) throws -> (SequenceMeasurement.Item, Parsing) throws -> Void {
    let folder = try self.folder(folder)
    return { item, parsing in
      try parsing.colorMap(palette: .film).pngData(compression: .flat).write(to: file(item.index, in: folder))
    }
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

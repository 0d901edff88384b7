import ArgumentParser
import Foundation
import HumanParsing
import ImageCoding
import MaskMerging
import Platform

/// `m2fp evaluate`: how well a model parses photographs whose parts or persons are known.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure IoU of classes and recall of persons on labelled photographs.",
    discussion: """
      Photographs and their maps are matched by their names up to the extension. Maps are 8-bit PNG files of the \
      photograph's size: label maps hold class indices, maps of persons 0 for nobody and 1, 2, ... for each person; \
      pixels of 255 do not count.
      """)

  @Option(help: ArgumentHelp("Folder of photographs.", valueName: "dir"))
  var images: String

  @Option(help: ArgumentHelp("Folder of label maps.", valueName: "dir"))
  var labels: String?

  @Option(help: ArgumentHelp("Folder of maps of persons.", valueName: "dir"))
  var instances: String?

  @Option(
    help: ArgumentHelp(
      "Height of a person, in pixels of the photograph, from which recall is measured; 90 if absent.",
      valueName: "pixels"))
  var minimumHeight: Int?

  @Option(
    help: ArgumentHelp(
      "Score from which a person counts as found; what the model asks of parts if absent.", valueName: "score"))
  var minimumScore: Float?

  @OptionGroup var parser: ParserOptions
  @OptionGroup var cleaning: CleaningOptions

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard labels != nil || instances != nil else {
      throw ValidationError("expected --labels, --instances or both, found neither")
    }
    if instances == nil {
      let unused = [
        ("--minimum-height", minimumHeight != nil), ("--minimum-score", minimumScore != nil),
        ("--remove-specks, --fill-holes and --largest-component", cleaning.cleaning != nil),
      ]
      if let flag = unused.first(where: \.1) { throw ValidationError("\(flag.0): expected --instances beside it") }
    }
    try expect(minimumHeight, in: 0...Int(Int32.max), "--minimum-height")
    try expect(minimumScore, in: 0...1, "--minimum-score")
  }

  func run() throws {
    try exiting { () throws(Failure) in
      let samples = try EvaluationSamples(images: images, labels: labels, instances: instances)
      if !samples.unmatched.isEmpty {
        logger.warning("\(samples.unmatched.count) files have no partner, the first is \(samples.unmatched[0])")
      }
      let parser = try parser.makeParser()
      Interrupt.watch()
      var counts = Counts(
        matrix: labels.map { _ in ConfusionMatrix(classes: parser.model.partCount) },
        persons: instances.map { _ in PersonDetection(minimumHeight: minimumHeight ?? 90) })
      let summary = Batch(samples.samples, name: \.image).run { sample throws(Failure) in
        try count(sample, into: &counts, with: parser)
      }
      if summary.isInterrupted {
        logger.notice("Interrupted after \(summary.done) of \(summary.total) pictures; nothing is reported.")
        return summary.status
      }
      let report = EvaluationReport(
        matrix: counts.matrix, persons: counts.persons, names: parser.model.classes, weights: parser.model.name,
        pictures: summary.done, failed: summary.failures.count)
      try print(report)
      return summary.status
    }
  }

  /// Measurements, each only if its ground truth was given.
  private struct Counts {
    var matrix: ConfusionMatrix?
    var persons: PersonDetection?
  }

  private func count(
    _ sample: EvaluationSamples.Sample, into counts: inout Counts, with parser: HumanParser
  ) throws(Failure) {
    let photo = try PictureReader(limits: self.parser.imageLimits).read(.file(sample.image)).photo.image
    do {
      let labels = try map(sample.labels, of: photo, called: "labels")
      let persons = try map(sample.instances, of: photo, called: "persons")
      let parsing = try parser.parse(photo)
      if let labels { try counts.matrix?.count(prediction: parsing.labelMap.indices, truth: labels.indices) }
      if let persons { try counts.persons?.count(found(in: parsing), truth: persons) }
    } catch {
      throw Failure(error, about: sample.image)
    }
  }

  /// The map in a file, if there is one; it must be of the photograph's size.
  private func map(_ path: String?, of photo: RGBImage, called name: String) throws -> LabelMap? {
    guard let path else { return nil }
    let map = try LabelMap(contentsOf: FilePath.url(path), limits: parser.imageLimits)
    guard map.width == photo.width, map.height == photo.height else {
      throw Failure(
        .badData, "expected \(name) of \(photo.width) x \(photo.height) pixels, found \(map.width) x \(map.height)")
    }
    return map
  }

  /// Masks of the persons, cleaned as the flags say, most confident first.
  private func found(in parsing: Parsing) -> [BinaryMask] {
    let least = minimumScore ?? parsing.minimumPersonScore
    let parsing = cleaning.cleaning.map { parsing.cleaned($0) } ?? parsing
    return parsing.people.filter { $0.score >= least }.map { $0.mask.hard() }
  }

  private func print(_ report: EvaluationReport) throws(Failure) {
    let text: String
    do { text = json ? try report.json() : report.table } catch { throw Failure(error) }
    try StandardStream.writeResult(text)
  }
}

extension ModelDescription {
  /// Background and parts: the classes of a label map.
  fileprivate var partCount: Int { isSingleHuman ? classes.count : classes.count - 1 }
}

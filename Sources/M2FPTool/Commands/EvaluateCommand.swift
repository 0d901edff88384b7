import ArgumentParser
import Foundation
import HumanParsing
import ImageCoding

/// `m2fp evaluate`: how well a model parses labelled photographs.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure IoU per class, mean IoU and pixel accuracy on labelled photographs.",
    discussion: """
      Photographs and labels are matched by their names up to the extension. Labels are 8-bit PNG files of the \
      photograph's size that hold class indices; pixels of 255 do not count.
      """)

  @Option(help: ArgumentHelp("Folder of photographs.", valueName: "dir"))
  var images: String

  @Option(help: ArgumentHelp("Folder of labels.", valueName: "dir"))
  var labels: String

  @OptionGroup var parser: ParserOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    try exiting { () throws(Failure) in
      let pairs = try EvaluationPairs(images: images, labels: labels)
      if !pairs.unmatched.isEmpty {
        logger.warning("\(pairs.unmatched.count) files have no partner, the first is \(pairs.unmatched[0])")
      }
      let parser = try parser.makeParser()
      Interrupt.watch()
      var matrix = ConfusionMatrix(classes: parser.model.partCount)
      let summary = Batch(pairs.pairs, name: \.image).run { pair throws(Failure) in
        try count(pair, into: &matrix, with: parser)
      }
      if summary.isInterrupted {
        logger.notice("Interrupted after \(summary.done) of \(summary.total) pictures; nothing is reported.")
        return .interrupted
      }
      let report = EvaluationReport(
        matrix: matrix, names: parser.model.classes, weights: parser.model.name, pictures: summary.done,
        failed: summary.failures.count)
      try print(report)
      return summary.status
    }
  }

  private func count(
    _ pair: EvaluationPairs.Pair, into matrix: inout ConfusionMatrix, with parser: HumanParser
  ) throws(Failure) {
    let limits = self.parser.imageLimits
    let (photo, _) = try PictureReader(limits: limits).read(.file(pair.image))
    do {
      let truth = try LabelMap(contentsOf: URL(filePath: pair.labels), limits: limits)
      guard truth.width == photo.width, truth.height == photo.height else {
        throw Failure(
          .badData,
          "expected labels of \(photo.width) x \(photo.height) pixels, found \(truth.width) x \(truth.height)")
      }
      let parsing = try parser.parse(photo)
      try matrix.count(prediction: parsing.labelMap.indices, truth: truth.indices)
    } catch {
      throw Failure(error, about: pair.image)
    }
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

import ArgumentParser
import Foundation
import ImageCoding
import NetworkPruning
import Platform

/// `m2fp prune`: a smaller network from a weights file.
struct PruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Make a network smaller and faster: leave out channels that matter least on pictures.",
    discussion: """
      Leaves out channels inside of the backbone's residual blocks and of feed-forward networks, those first that \
      contribute least on the pictures, and fits the layers that read them again by least squares. Use pictures like those \
      to parse later; a hundred are enough. One in five is left out: the networks are compared on these. \
      `m2fp quantize` comes afterwards.
      """)

  @Argument(help: "A weights file in fp32 or fp16.")
  var file: String

  @OptionGroup var calibration: CalibrationOptions

  @Option(name: .customShort("o"), help: ArgumentHelp("The safetensors file to write.", valueName: "file"))
  var output: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Share of the backbone's multiply-adds to save, from 0 to 0.9.", valueName: "share"))
  var backbone = WeightsPruner.Options().backbone

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The same of the feed-forward networks of the pixel decoder.", valueName: "share"))
  var feedForward = WeightsPruner.Options().feedForward

  @Flag(inversion: .prefixedNo, help: "Fit the layers that read what is left out again.")
  var fit = true

  @Option(help: ArgumentHelp("Also write the report as JSON.", valueName: "file"))
  var report: String?

  @Flag(help: "Print the report as JSON.")
  var json = false

  func validate() throws {
    try expectFile(output, otherThan: [file], "-o")
    if let report { try expectFile(report, otherThan: [file, output], "--report") }
    for (flag, share) in [("--backbone", backbone), ("--feed-forward", feedForward)] where !(0...0.9).contains(share) {
      throw ValidationError("\(flag): expected a share from 0 to 0.9, found \(share)")
    }
    guard backbone > 0 || feedForward > 0 else {
      throw ValidationError("--backbone, --feed-forward: expected one of them to be above 0")
    }
  }

  func run() throws {
    try exiting { () throws(Failure) in
      let pictures = try calibration.pictures()
      let pruner = try makePruner(pictures: pictures.inputs.count)
      return try calibration.run(pictures, add: pruner.add) { () throws(Failure) in try write(pruner) }
    }
  }

  private func makePruner(pictures: Int) throws(Failure) -> WeightsPruner {
    var options = WeightsPruner.Options()
    options.backbone = backbone
    options.feedForward = feedForward
    options.fits = fit
    options.threads = calibration.threads
    do {
      return try WeightsPruner(weights: FilePath.url(file), pictures: pictures, options: options)
    } catch {
      let failure = Failure(error, about: file)
      throw Failure(failure.status, "\(file): \(failure.message)")
    }
  }

  private func write(_ pruner: WeightsPruner) throws(Failure) {
    do {
      let result = try pruner.write(to: FilePath.url(output)) {
        try Interrupt.checkRequest(beforeWriting: output)
      }
      if let report { try AtomicFile.write(Data((result.json() + "\n").utf8), to: FilePath.url(report)) }
      try StandardStream.writeResult(json ? result.json() : result.table, isJSON: json)
    } catch {
      throw Failure(error)
    }
  }
}

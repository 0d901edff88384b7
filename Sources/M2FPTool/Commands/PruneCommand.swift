import ArgumentParser
import NetworkPruning

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

  @OptionGroup var calibration: CalibrationOptions

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

  func validate() throws {
    for (flag, share) in [("--backbone", backbone), ("--feed-forward", feedForward)] where !(0...0.9).contains(share) {
      throw ValidationError("\(flag): expected a share from 0 to 0.9, found \(share)")
    }
    guard backbone > 0 || feedForward > 0 else {
      throw ValidationError("--backbone, --feed-forward: expected one of them to be above 0")
    }
  }

  func run() throws {
    var options = WeightsPruner.Options()
    options.backbone = backbone
    options.feedForward = feedForward
    options.fits = fit
    options.threads = calibration.threads
    try exiting { () throws(Failure) in
      try calibration.run { file, pictures in
        try WeightsPruner(weights: file, pictures: pictures, options: options)
      }
    }
  }
}

extension WeightsPruner: WeightsTransformation {}

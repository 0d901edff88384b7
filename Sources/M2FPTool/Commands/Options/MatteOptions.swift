import ArgumentParser
import MaskMerging

/// Flags for fitting mattes to the photograph and for their edges.
struct MatteOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Radius of the guided filter: how far a matte may move to an edge; 1/60 of the short edge if absent.",
      valueName: "pixels"))
  var radius: Int?

  @Option(
    help: ArgumentHelp(
      "Regularization of the guided filter: the larger, the smoother the matte; 0.0001 if absent.",
      valueName: "variance"))
  var epsilon: Float?

  @Option(help: ArgumentHelp("Contrast of fitted mattes, 1 to 8; 3 if absent.", valueName: "power"))
  var contrast: Int?

  @Flag(name: .customLong("no-refinement"), help: "Do not fit mattes to the photograph.")
  var isUnrefined = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Pixels by which mattes grow, or shrink if negative.", valueName: "pixels"))
  var grow: Float?

  @Option(help: ArgumentHelp("Standard deviation of a Gaussian blur of mattes.", valueName: "pixels"))
  var feather: Float?

  @Option(help: ArgumentHelp("Values of a matte up to this become 0; 0 if absent.", valueName: "value"))
  var blackClip: Float?

  @Option(help: ArgumentHelp("Values of a matte from this one up become 1; 1 if absent.", valueName: "value"))
  var whiteClip: Float?

  /// The given flags, for error messages.
  var given: [String] {
    [
      ("--radius", radius != nil), ("--epsilon", epsilon != nil), ("--contrast", contrast != nil),
      ("--no-refinement", isUnrefined),
      ("--grow", grow != nil), ("--feather", feather != nil), ("--black-clip", blackClip != nil),
      ("--white-clip", whiteClip != nil),
    ].filter(\.1).map(\.0)
  }

  func validate() throws {
    try expect(radius, in: 1...MatteRefinement.largestRadius, "--radius")
    if let epsilon, !(epsilon > 0 && epsilon <= 1) {
      throw ValidationError("--epsilon: expected above 0 and at most 1, found \(epsilon)")
    }
    try expect(contrast, in: MatteRefinement.contrasts, "--contrast")
    if isUnrefined, radius != nil || epsilon != nil || contrast != nil {
      throw ValidationError("--no-refinement: expected none of --radius, --epsilon and --contrast beside it")
    }
    try expect(grow, in: -EdgeControls.mostGrowth...EdgeControls.mostGrowth, "--grow")
    try expect(feather, in: 0...EdgeControls.mostFeather, "--feather")
    try expect(blackClip, in: 0...1, "--black-clip")
    try expect(whiteClip, in: 0...1, "--white-clip")
    guard edges.blackClip < edges.whiteClip else {
      throw ValidationError(
        "--black-clip: expected less than --white-clip, found \(edges.blackClip) and \(edges.whiteClip)")
    }
  }

  /// The fit to the photograph; `nil` for none.
  var refinement: MatteRefinement? {
    if isUnrefined { return nil }
    var refinement = MatteRefinement(radius: radius)
    if let epsilon { refinement.epsilon = epsilon }
    if let contrast { refinement.contrast = contrast }
    return refinement
  }

  var edges: EdgeControls {
    EdgeControls(grow: grow ?? 0, feather: feather ?? 0, blackClip: blackClip ?? 0, whiteClip: whiteClip ?? 1)
  }
}

/// Rejects a flag's value that is outside of a range, or not a number.
func expect<Value: Comparable>(_ value: Value?, in range: ClosedRange<Value>, _ flag: String) throws {
  if let value, !range.contains(value) {
    throw ValidationError("\(flag): expected \(range.lowerBound) to \(range.upperBound), found \(value)")
  }
}

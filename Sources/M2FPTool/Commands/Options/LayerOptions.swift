import ArgumentParser
import ImageCoding

/// Flags for the colors of results that have those of the picture.
struct ColorSpaceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Color space of results in the picture's colors: keep that of its profile, or srgb; keep if absent.",
      valueName: "space"))
  var color: ColorHandling?

  /// The given flags, for error messages.
  var given: [String] { color == nil ? [] : ["--color"] }
}

/// Flags for what is transparent in layers and cutouts.
struct LayerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Colors of layers and cutouts: straight, or premultiplied by their alpha; straight in PNG files and premultiplied in "
        + "OpenEXR files if absent.",
      valueName: "kind"))
  var alpha: AlphaKind?

  @Option(
    help: ArgumentHelp(
      "Pixels by which the colors of edges are carried outwards under an alpha of 0; 0 if absent.", valueName: "pixels")
  )
  var edgeExtend: Int?

  /// The given flags, for error messages.
  var given: [String] { (alpha == nil ? [] : ["--alpha"]) + (edgeExtend == nil ? [] : ["--edge-extend"]) }

  static let mostPixels = 4096

  func validate() throws {
    try expect(edgeExtend, in: 0...Self.mostPixels, "--edge-extend")
    if let edgeExtend, edgeExtend > 0, alpha == .premultiplied {
      throw ValidationError("--edge-extend: expected straight alpha, since premultiplied colors are 0 where alpha is")
    }
  }

  var form: LayerForm { LayerForm(edgeExtension: edgeExtend ?? 0, isPremultiplied: alpha == .premultiplied) }
}

/// Whether colors are multiplied by their alpha.
enum AlphaKind: String, CaseIterable, ExpressibleByArgument {
  case straight, premultiplied
}

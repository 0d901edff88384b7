import ArgumentParser
import ImageCoding
import MaskMerging

/// `m2fp adjust`: changes of the look of parts, blended in with their matte.
struct AdjustCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adjust",
    abstract: "Change the look of people's parts in pictures.",
    discussion: """
      For photo.jpg it writes photo.adjusted.png: the photograph, with exposure, tint, saturation, metallic look and \
      blur of the selected parts changed, in this order. Everything else is unchanged.
      """)

  @Argument(help: "Pictures (PNG, JPEG, WebP, TIFF, HEIC, AVIF, OpenEXR), folders of them, or - for standard input.")
  var inputs: [String]

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Exposure in stops, -20 to 20: light is multiplied by 2 to this power.", valueName: "stops"))
  var exposure: Float?

  @Option(help: ArgumentHelp("Color whose hue the parts get; the brightness is unchanged.", valueName: "color"))
  var tint: ColorArgument?

  @Option(help: ArgumentHelp("Desaturation, 0 for none to 1 for gray.", valueName: "amount"))
  var desaturate: Float?

  @Option(help: ArgumentHelp("Strength of a look of polished metal, 0 to 1.", valueName: "amount"))
  var metallic: Float?

  @Option(help: ArgumentHelp("Standard deviation of a Gaussian blur, 0 to 256.", valueName: "pixels"))
  var blur: Float?

  @OptionGroup var options: PictureOptions

  func validate() throws {
    if let tint, tint.opacity < 255 { throw ValidationError("--tint: expected a color without opacity") }
    if try adjustments(in: nil).isEmpty {
      throw ValidationError("expected one of --exposure, --tint, --desaturate, --metallic and --blur")
    }
  }

  /// - Parameter profile: Color space of the picture; `nil` for sRGB.
  private func adjustments(in profile: ColorProfile?) throws -> [Adjustment] {
    func named<Value>(
      _ flag: String, _ value: Value?, _ make: (Value) throws -> Adjustment
    ) throws -> Adjustment? {
      guard let value else { return nil }
      do { return try make(value) } catch { throw ValidationError("\(flag): \(error)") }
    }
    return [
      try named("--exposure", exposure) { try .exposure(stops: $0) },
      try named("--tint", tint?.color) { try .tint($0.inProfile(profile)) },
      try named("--desaturate", desaturate) { try .desaturate($0) },
      try named("--metallic", metallic) { try .metallic($0) },
      try named("--blur", blur) { try .blur($0) },
    ].compactMap(\.self)
  }

  func run() throws {
    try exiting { () throws(Failure) in
      try options.run(inputs, ending: "adjusted.png", verb: "adjusted") { mattes in
        try mattes.photo.adjusted(where: mattes.union()) { try adjustments(in: $0) }
      }
    }
  }
}

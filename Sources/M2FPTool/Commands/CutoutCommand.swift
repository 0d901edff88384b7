import ArgumentParser
import Foundation
import ImageCoding
import MaskMerging

/// `m2fp cutout`: people, or parts of them, on a transparent background, a color or a picture.
struct CutoutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cutout",
    abstract: "Cut people or their parts out of pictures.",
    discussion: """
      For photo.jpg it writes photo.cutout.png, with a transparent background, a color, or another picture, which is \
      scaled to cover the photograph.
      """)

  @Argument(help: "Pictures (PNG, JPEG, WebP, TIFF, HEIC, AVIF, OpenEXR), folders of them, or - for standard input.")
  var inputs: [String] = []

  @Option(
    name: [.customLong("bgc", withSingleDash: true), .customLong("bgcolor")], parsing: .upToNextOption,
    help: ArgumentHelp(
      "Color behind the cutout: three, six or eight hexadecimal digits, or R G B A from 0 to 255.",
      valueName: "color"))
  var color: [String] = []

  @Option(help: ArgumentHelp("Picture behind the cutout.", valueName: "image"))
  var background: String?

  @OptionGroup var layer: LayerOptions

  @OptionGroup var options: PictureOptions

  func validate() throws {
    if !color.isEmpty || background != nil, let flag = layer.given.first {
      throw ValidationError("\(flag): expected a transparent background, found -bgc or --background beside it")
    }
    if !color.isEmpty, background != nil { throw ValidationError("-bgc: expected no --background beside it") }
    if try inputs.isEmpty && colorAndInputs().inputs.isEmpty {
      throw ValidationError("Missing expected argument '<inputs> ...'")
    }
  }

  /// The color and the words after it, which are pictures, because the option consumes all words up to the next option.
  private func colorAndInputs() throws -> (color: ColorArgument?, inputs: [String]) {
    if color.isEmpty { return (nil, []) }
    guard let (found, rest) = ColorArgument.first(of: color) else {
      throw ValidationError(
        "-bgc: expected a color such as #ff8000 or 255 128 0 255, found \(color.joined(separator: " "))")
    }
    return (found, rest)
  }

  func run() throws {
    let (color, others) = try colorAndInputs()
    try exiting { () throws(Failure) in
      var picture: RGBImage?
      if let background {
        do throws(Failure) {
          let reader = PictureReader(limits: options.parser.imageLimits)
          picture = try reader.read(.file(background)).photo.image
        } catch {
          throw Failure(error.status, "--background: \(background): \(error.message)")
        }
      }
      return try options.run(inputs + others, ending: OutputKind.cutout.ending, verb: "cut out") { mattes in
        let cutout = try mattes.cutout()
        if let picture { return try cutout.pngData(over: picture) }
        return try color.map(cutout.pngData(over:)) ?? cutout.pngData(layer.form)
      }
    }
  }
}

import EXRFiles
import ImageCoding

/// A picture to make results of.
struct Photo: Sendable {
  /// The picture in 8-bit sRGB, as the network sees it.
  var image: RGBImage
  /// The picture's own alpha; `nil` where all of it is opaque.
  var alpha: GrayImage?
  /// The picture's colors where `image` does not have all of them: of 16 bits, or in another color space.
  var source: SourceImage?
  /// The plate that the image is a view of; `nil` for photographs, and where nobody wants it.
  var plate: EXRPlate?

  var width: Int { image.width }
  var height: Int { image.height }

  /// Colors for results, in the color space of `profile`.
  var colors: SourceImage.Colors { source?.colors ?? .eight(image) }
  /// The profile of the colors; `nil` for sRGB.
  var profile: ColorProfile? { source?.profile }
  /// The alpha of colors of 16 bits; that of `image` where the file has 8.
  var alpha16: Gray16Image? { source?.alpha }

  /// The own alpha of each pixel, 0 to 1; `nil` where all of it is opaque.
  var opacity: [Float]? {
    if let alpha16 { return alpha16.pixels.map { Float($0) / 65535 } }
    return alpha.map { $0.pixels.map { Float($0) / 255 } }
  }
}

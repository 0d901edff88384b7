/// What becomes of the colors of a file that 8-bit sRGB does not hold.
public enum ColorHandling: String, Sendable, CaseIterable {
  /// They stay as they are, in the color space of the file's profile.
  case keep
  /// They become sRGB, of 16 bits where the file has them.
  case srgb
}

/// The colors of a picture as its file has them, where they are more than 8-bit sRGB: of 16 bits, or in another color space.
public struct SourceImage: Sendable {
  /// Colors of 8 or 16 bits.
  public enum Colors: Sendable {
    case eight(RGBImage)
    case sixteen(RGB16Image)
  }

  /// The colors, upright.
  public let colors: Colors
  /// The picture's own alpha in 16 bits; `nil` where all of it is opaque, and for colors of 8 bits, whose alpha is that of
  /// the decoded image.
  public let alpha: Gray16Image?
  /// The profile of the colors; `nil` for sRGB.
  public let profile: ColorProfile?

  /// Colors with a profile.
  public init(_ colors: Colors, alpha: Gray16Image? = nil, profile: ColorProfile? = nil) {
    (self.colors, self.alpha, self.profile) = (colors, alpha, profile)
  }
}

extension SourceImage {
  /// The colors in sRGB, of as many bits.
  package func inSRGB() -> Colors {
    guard let profile else { return colors }
    switch colors {
    case .eight(var image):
      _ = profile.apply(to: &image)
      return .eight(image)
    case .sixteen(var image):
      _ = profile.apply(to: &image)
      return .sixteen(image)
    }
  }
}

extension SourceImage.Colors {
  func upright(from orientation: Orientation) throws -> Self {
    switch self {
    case .eight(let image): .eight(try image.upright(from: orientation))
    case .sixteen(let image): .sixteen(try image.upright(from: orientation))
    }
  }
}

/// An image as its file stores it, before its color profile and its orientation are applied.
struct StoredImage {
  /// Straight alpha, of as many bits as the colors.
  enum Alpha {
    case eight(GrayImage)
    case sixteen(Gray16Image)

    var isOpaque: Bool {
      switch self {
      case .eight(let image): image.pixels.allSatisfy { $0 == .max }
      case .sixteen(let image): image.pixels.allSatisfy { $0 == .max }
      }
    }
  }

  let colors: SourceImage.Colors
  let alpha: Alpha?
  let metadata: ImageMetadata
  /// Whether the colors were computed from others, such as inks, that the profile is about.
  var isConverted = false
  /// Sentences about what was repaired.
  var notes: [String] = []

  /// The image upright and in sRGB, and its colors as `handling` wants them.
  func decoded(_ format: ImageFormat, colors handling: ColorHandling?) throws -> DecodedImage {
    let orientation = metadata.orientation
    var image: RGBImage
    switch colors {
    case .eight(let colors): image = colors
    case .sixteen(let colors): image = try colors.narrowed()
    }
    var sentences: [String] = []
    if metadata.isAnimated { sentences.append("the \(format.name) image is animated; only the first frame was read") }
    if metadata.hasMoreImages { sentences.append("only the first image of the file was read") }
    let profile = isConverted ? nil : metadata.profile
    var outcome = ColorProfile.Outcome.needless
    if metadata.hasProfile { outcome = profile?.apply(to: &image) ?? .impossible }
    if outcome == .impossible {
      sentences.append("the color profile was not applied, its values are taken as sRGB")
    }
    let alpha = alpha.flatMap { $0.isOpaque ? nil : $0 }
    var source: SourceImage?
    if let handling {
      source = try self.source(handling, profile: outcome == .applied ? profile : nil, alpha: alpha)
    }
    var alpha8: GrayImage?
    switch alpha {
    case .eight(let image): alpha8 = image
    case .sixteen(let image): alpha8 = try image.narrowed()
    case nil: break
    }
    return DecodedImage(
      image: try image.upright(from: orientation),
      alpha: try alpha8.flatMap { $0.pixels.allSatisfy { $0 == 255 } ? nil : $0 }?.upright(from: orientation),
      source: source, format: format, notes: sentences + notes)
  }

  /// - Parameter profile: The profile, if it is another than that of sRGB.
  private func source(_ handling: ColorHandling, profile: ColorProfile?, alpha: Alpha?) throws -> SourceImage? {
    // A profile of grays does not fit a picture of red, green and blue.
    let kept = handling == .keep && profile?.isRGB ?? false ? profile : nil
    switch colors {
    case .eight:
      return try kept.map { SourceImage(try colors.upright(from: metadata.orientation), profile: $0) }
    case .sixteen(var image):
      if let profile, kept == nil { _ = profile.apply(to: &image) }
      var alpha16: Gray16Image?
      if case .sixteen(let alpha) = alpha { alpha16 = try alpha.upright(from: metadata.orientation) }
      return SourceImage(
        try SourceImage.Colors.sixteen(image).upright(from: metadata.orientation), alpha: alpha16, profile: kept)
    }
  }
}

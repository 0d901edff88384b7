public import ImageCoding
public import MaskMerging

extension Parsing {
  /// The picture's parts in colors, at the picture's size.
  ///
  /// - Parameters:
  ///   - palette: The colors; a class that it does not know gets its color of the PASCAL VOC color map.
  ///   - order: When `nil`, each pixel has the color of its class in `labelMap`; otherwise the parts with at least
  ///     `minimumScore` are painted over each other in this order, see `mergeMasks`.
  ///   - smoothing: What is done to the painted picture; antialiased edges are painted by confidence where no order is
  ///     given.
  /// - Returns: A picture of the same size.
  /// - Throws: `MaskMergingError` where a picture cannot be made.
  public func colorMap(
    palette: Palette = .film, order: PaintOrder? = nil, smoothing: Smoothing = .none
  ) throws -> RGBImage {
    let shown = parts.filter { $0.score >= minimumScore }
    guard let order = order ?? (smoothing == .antialiased ? .byConfidence : nil), !shown.isEmpty else {
      return try smoothed(labelMap.painted(with: palette.colors(of: classes)), smoothing, pool: pool)
    }
    return try mergeMasks(
      shown.map(\.mask), labels: shown.map(\.label), scores: shown.map(\.score), palette: complete(palette),
      order: order, smoothing: smoothing)
  }

  /// The colors of the classes that occur in `labelMap`, with their names, by class index; see
  /// `Palette.legend(of:scale:)`.
  ///
  /// - Parameters:
  ///   - palette: As for `colorMap`.
  ///   - scale: Pixels along each edge of a dot of the font, 1 to 8.
  /// - Throws: `MaskMergingError` for another scale.
  public func legend(palette: Palette = .film, scale: Int = 2) throws -> RGBImage {
    let present = Set(labelMap.indices)
    let shown = classes.enumerated().filter { present.contains(UInt8(truncatingIfNeeded: $0.offset)) }
    return try complete(palette).legend(of: shown.map(\.element), scale: scale)
  }

  /// The palette with a color for every class of the model.
  private func complete(_ palette: Palette) -> Palette {
    Palette(Dictionary(zip(classes, palette.colors(of: classes)), uniquingKeysWith: { first, _ in first }))
  }

  /// The photo with the colors of its parts over it; the background stays as it is.
  ///
  /// - Parameters:
  ///   - photo: The picture that was parsed.
  ///   - opacity: Of the colors, 0 to 1.
  ///   - palette: The colors.
  /// - Returns: A picture of the same size.
  /// - Throws: `MaskMergingError` for a photo of another size or an opacity outside of 0 to 1.
  public func overlay(
    on photo: RGBImage, opacity: Float = 0.5, palette: Palette = .film
  ) throws -> RGBImage {
    try labelMap.overlay(on: photo, colors: palette.colors(of: classes), opacity: opacity)
  }

  /// The photo with everybody's probability as its straight alpha; see `foreground`.
  ///
  /// - Parameters:
  ///   - photo: The picture that was parsed.
  ///   - edgeColors: What colors the semi-transparent pixels have.
  /// - Throws: `MaskMergingError` for a photo of another size.
  public func cutout(
    of photo: RGBImage, edgeColors: EdgeColors = .foreground
  ) throws -> RGBAImage {
    try foreground.cutout(of: photo, edgeColors: edgeColors)
  }
}

public import ImageCoding
import TensorCore

/// The colors of the semi-transparent pixels of a layer.
public enum EdgeColors: Sendable, Hashable {
  /// The foreground's alone, estimated from the surroundings, so that no rim of the old background shows over a new one:
  /// blurred foreground estimation in two passes (Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021).
  case foreground
  /// The photo's own, in which its background shows.
  case photograph
}

extension Matte {
  /// The photo with the matte as its straight alpha.
  ///
  /// - Parameters:
  ///   - photo: A picture of the matte's size.
  ///   - edgeColors: The colors of the semi-transparent pixels; all others keep the photo's values.
  /// - Returns: A picture of the same size; alpha is the matte times 255, rounded to the nearest.
  /// - Throws: ``MaskMergingError`` with the code `sizeMismatch` if the sizes differ.
  public func layer(of photo: RGBImage, edgeColors: EdgeColors = .foreground) throws -> RGBAImage {
    try makeLayer(of: photo, edgeColors)
  }

  /// As `layer(of:edgeColors:)` of a picture of 8 bits, with 16.
  public func layer(of photo: RGB16Image, edgeColors: EdgeColors = .foreground) throws -> RGBA16Image {
    try makeLayer(of: photo, edgeColors)
  }

  private func makeLayer<Photo: SampledImage, Layer: SampledImage>(
    of photo: Photo, _ edgeColors: EdgeColors
  ) throws -> Layer where Layer.Sample == Photo.Sample {
    try checkSize(equals: photo.width, photo.height)
    return try makeImage {
      try Layer(width: photo.width, height: photo.height) { target in
        let pixelsOut = DisjointBuffer(target)
        let scale = Float(Photo.Sample.max)
        pool.forEachBand(ofRows: photo.height) { rows, _ in
          photo.pixels.withUnsafeBufferPointer { pixels in
            for pixel in rows.lowerBound * photo.width..<rows.upperBound * photo.width {
              for channel in 0..<3 { pixelsOut[4 * pixel + channel] = pixels[3 * pixel + channel] }
              pixelsOut[4 * pixel + 3] = Photo.Sample(truncatingIfNeeded: Int32(plane.pointer[pixel] * scale + 0.5))
            }
          }
        }
        if edgeColors == .foreground { ForegroundEstimation(of: photo, under: self).write(to: target) }
      }
    }
  }
}

extension Mask {
  /// The photo with the mask's probabilities as its straight alpha.
  ///
  /// - Parameters:
  ///   - photo: A picture of the mask's size.
  ///   - edgeColors: The colors of the semi-transparent pixels; all others keep the photo's bytes.
  /// - Throws: ``MaskMergingError`` with the code `sizeMismatch` if the sizes differ.
  public func cutout(of photo: RGBImage, edgeColors: EdgeColors = .foreground) throws -> RGBAImage {
    try photo.checkSize(equals: width, height)
    return try Matte(self).layer(of: photo, edgeColors: edgeColors)
  }
}

extension RGBAImage {
  /// The layer over a picture: each channel is layer · α + picture · (1 − α), in the pixels' own values.
  ///
  /// - Parameters:
  ///   - background: A picture of the layer's size, in the layer's color space.
  ///   - matte: Factor of the layer's alpha, of the same size; `nil` for 1 everywhere.
  /// - Returns: A picture of the same size, rounded to the nearest values.
  /// - Throws: ``MaskMergingError`` with the code `sizeMismatch` if the sizes differ.
  public func composited(over background: RGBImage, using matte: Matte? = nil) throws -> RGBImage {
    try self.over(background, using: matte)
  }

  /// The layer over an opaque color; see ``composited(over:using:)-(RGBImage,_)``.
  ///
  /// - Parameters:
  ///   - color: The color of every pixel of the background.
  ///   - matte: Factor of the layer's alpha, of the same size; `nil` for 1 everywhere.
  /// - Throws: ``MaskMergingError`` with the code `sizeMismatch` if the sizes differ.
  public func composited(over color: RGBColor, using matte: Matte? = nil) throws -> RGBImage {
    try self.over([color.red, color.green, color.blue], step: 0, using: matte)
  }

  /// The layer over a color that may be translucent itself; channels are blended in the pixels' own values.
  ///
  /// - Parameters:
  ///   - color: The color that shows through the layer.
  ///   - opacity: Alpha of the color, 0 to 255.
  /// - Returns: A picture of the same size, with straight alpha.
  /// - Throws: ``MaskMergingError`` with the code `imageFailed` if the picture cannot be made.
  public func composited(over color: RGBColor, opacity: UInt8) throws -> RGBAImage {
    try over(color, opacity: opacity)
  }

  /// The picture without the colors that its alpha hides: pixels with an alpha of 0 become black.
  ///
  /// - Throws: ``MaskMergingError`` with the code `imageFailed` if the picture cannot be made.
  public func clearingHiddenColors() throws -> RGBAImage { try withHiddenColors(reach: 0) }

  /// The picture with the colors of its edges carried outwards under an alpha of 0, so that a filter that reads neighbors
  /// finds no dark rim; beyond that, pixels with an alpha of 0 become black.
  ///
  /// - Parameter pixels: How far colors are carried, 0 and more; diagonals count as one pixel.
  /// - Throws: ``MaskMergingError`` with the code `imageFailed` if the picture cannot be made.
  public func extendingEdges(by pixels: Int) throws -> RGBAImage { try withHiddenColors(reach: pixels) }

  /// The picture with its colors multiplied by its alpha.
  ///
  /// - Throws: ``MaskMergingError`` with the code `imageFailed` if the picture cannot be made.
  public func premultiplied() throws -> RGBAImage { try timesAlpha() }
}

/// The same operations in 16 bits. Backgrounds of 8 bits are multiplied by 257.
extension RGBA16Image {
  /// The layer over a picture; see `composited(over:using:)` of `RGBAImage`.
  public func composited(over background: RGBImage, using matte: Matte? = nil) throws -> RGB16Image {
    try self.over(background, using: matte)
  }

  /// The layer over an opaque color; see `composited(over:using:)` of `RGBAImage`.
  public func composited(over color: RGBColor, using matte: Matte? = nil) throws -> RGB16Image {
    try self.over([color.red, color.green, color.blue], step: 0, using: matte)
  }

  /// The layer over a color that may be translucent itself; see `composited(over:opacity:)` of `RGBAImage`.
  public func composited(over color: RGBColor, opacity: UInt8) throws -> RGBA16Image {
    try over(color, opacity: opacity)
  }

  /// The picture without the colors that its alpha hides: pixels with an alpha of 0 become black.
  public func clearingHiddenColors() throws -> RGBA16Image { try withHiddenColors(reach: 0) }

  /// The picture with the colors of its edges carried outwards; see `extendingEdges(by:)` of `RGBAImage`.
  public func extendingEdges(by pixels: Int) throws -> RGBA16Image { try withHiddenColors(reach: pixels) }

  /// The picture with its colors multiplied by its alpha.
  public func premultiplied() throws -> RGBA16Image { try timesAlpha() }
}

extension RGBImage {
  /// The picture scaled until it fills the given size, as a background: the middle is kept, the rest is cropped.
  ///
  /// - Parameters:
  ///   - width: Pixels in a row of the result, at least 1.
  ///   - height: Rows of the result, at least 1.
  /// - Throws: ``MaskMergingError`` with the code `sizeMismatch` for a size without pixels.
  public func scaledToFill(width: Int, height: Int) throws -> RGBImage {
    guard width > 0, height > 0 else {
      throw MaskMergingError(.sizeMismatch, "a background has at least 1 × 1 pixels, not \(width) × \(height)")
    }
    return covering(width: width, height: height, pool: .forMasks)
  }
}

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
  ///   - edgeColors: The colors of the semi-transparent pixels; all others keep the photo's bytes.
  /// - Returns: A picture of the same size; alpha is the matte times 255, rounded to the nearest.
  /// - Throws: ``MaskMergingError`` with the code `sizeMismatch` if the sizes differ.
  public func layer(of photo: RGBImage, edgeColors: EdgeColors = .foreground) throws -> RGBAImage {
    try checkSize(equals: photo.width, photo.height)
    return try makeImage {
      try RGBAImage(width: photo.width, height: photo.height) { target in
        let pixelsOut = DisjointBuffer(target)
        pool.forEachBand(ofRows: photo.height) { rows, _ in
          photo.pixels.withUnsafeBufferPointer { pixels in
            for pixel in rows.lowerBound * photo.width..<rows.upperBound * photo.width {
              for channel in 0..<3 { pixelsOut[4 * pixel + channel] = pixels[3 * pixel + channel] }
              pixelsOut[4 * pixel + 3] = UInt8(truncatingIfNeeded: Int32(plane.pointer[pixel] * 255 + 0.5))
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
  /// The layer over a picture: each channel is layer · α + picture · (1 − α), in the pixels' own sRGB values.
  ///
  /// - Parameters:
  ///   - background: A picture of the layer's size.
  ///   - matte: Factor of the layer's alpha, of the same size; `nil` for 1 everywhere.
  /// - Returns: A picture of the same size, rounded to the nearest values.
  /// - Throws: ``MaskMergingError`` with the code `sizeMismatch` if the sizes differ.
  public func composited(over background: RGBImage, using matte: Matte? = nil) throws -> RGBImage {
    guard width == background.width, height == background.height else {
      throw MaskMergingError(
        .sizeMismatch,
        "a layer of \(width) × \(height) pixels over a picture of \(background.width) × \(background.height)")
    }
    return try composited(over: background.pixels, step: 3, using: matte)
  }

  /// The layer over an opaque color; see ``composited(over:using:)-(RGBImage,_)``.
  ///
  /// - Parameters:
  ///   - color: The color of every pixel of the background.
  ///   - matte: Factor of the layer's alpha, of the same size; `nil` for 1 everywhere.
  /// - Throws: ``MaskMergingError`` with the code `sizeMismatch` if the sizes differ.
  public func composited(over color: RGBColor, using matte: Matte? = nil) throws -> RGBImage {
    try composited(over: [color.red, color.green, color.blue], step: 0, using: matte)
  }

  /// - Parameter step: Bytes from one pixel of the background to the next; 0 for one color.
  private func composited(over background: [UInt8], step: Int, using matte: Matte?) throws -> RGBImage {
    try matte?.checkSize(equals: width, height)
    let (width, height, pool) = (width, height, matte?.pool ?? .forMasks)
    return try makeImage {
      try RGBImage(width: width, height: height) { target in
        let target = DisjointBuffer(target)
        pool.forEachBand(ofRows: height) { rows, _ in
          pixels.withUnsafeBufferPointer { layer in
            background.withUnsafeBufferPointer { background in
              for pixel in rows.lowerBound * width..<rows.upperBound * width {
                let alpha = Float(layer[4 * pixel + 3]) / 255 * (matte?.plane.pointer[pixel] ?? 1)
                for channel in 0..<3 {
                  let below = Float(background[step * pixel + channel])
                  let value = below + (Float(layer[4 * pixel + channel]) - below) * alpha
                  target[3 * pixel + channel] = UInt8(truncatingIfNeeded: Int32(value + 0.5))
                }
              }
            }
          }
        }
      }
    }
  }

  /// The layer over a color that may be translucent itself; channels are blended in the pixels' own sRGB values.
  ///
  /// - Parameters:
  ///   - color: The color that shows through the layer.
  ///   - opacity: Alpha of the color, 0 to 255.
  /// - Returns: A picture of the same size, with straight alpha.
  /// - Throws: ``MaskMergingError`` with the code `imageFailed` if the picture cannot be made.
  public func composited(over color: RGBColor, opacity: UInt8) throws -> RGBAImage {
    let below = [color.red, color.green, color.blue].map { Float($0) }
    return try makeImage {
      try RGBAImage(width: width, height: height) { target in
        pixels.withUnsafeBufferPointer { layer in
          for pixel in stride(from: 0, to: target.count, by: 4) {
            let alpha = Float(layer[pixel + 3])
            let rest = Float(opacity) * (255 - alpha) / 255
            let total = alpha + rest
            for channel in 0..<3 {
              let sum = Float(layer[pixel + channel]) * alpha + below[channel] * rest
              target[pixel + channel] = total > 0 ? UInt8(truncatingIfNeeded: Int32(sum / total + 0.5)) : 0
            }
            target[pixel + 3] = UInt8(truncatingIfNeeded: Int32(total + 0.5))
          }
        }
      }
    }
  }

  /// The picture without the colors that its alpha hides: pixels with an alpha of 0 become black.
  ///
  /// - Throws: ``MaskMergingError`` with the code `imageFailed` if the picture cannot be made.
  public func clearingHiddenColors() throws -> RGBAImage {
    try makeImage {
      try RGBAImage(width: width, height: height) { target in
        pixels.withUnsafeBufferPointer { source in
          for pixel in stride(from: 0, to: target.count, by: 4) {
            let isVisible = source[pixel + 3] > 0
            for channel in 0..<4 { target[pixel + channel] = isVisible ? source[pixel + channel] : 0 }
          }
        }
      }
    }
  }
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

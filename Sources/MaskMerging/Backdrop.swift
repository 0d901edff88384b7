public import ImageCoding

/// A picture as the background of another: scaled until it covers the given size, its middle kept.
///
/// - Throws: `sizeMismatch` for a size without pixels.
public func backdrop(_ picture: RGBImage, width: Int, height: Int) throws(MaskMergingError) -> RGBImage {
  guard width > 0, height > 0 else {
    throw MaskMergingError(.sizeMismatch, "a background has at least 1 × 1 pixels, not \(width) × \(height)")
  }
  return picture.covering(width: width, height: height, pool: .forMasks)
}

/// A layer over a colour that may be translucent itself; channels are blended in the pixels' own sRGB values.
///
/// - Parameters:
///   - layer: Straight alpha.
///   - color: What shines through it.
///   - opacity: Of the colour, 0 to 255.
/// - Returns: A picture of the same size, with straight alpha.
public func composite(
  _ layer: RGBAImage, over color: RGBColor, opacity: UInt8
) throws(MaskMergingError) -> RGBAImage {
  let below = [color.red, color.green, color.blue].map { Float($0) }
  return try makeImage {
    try RGBAImage(width: layer.width, height: layer.height) { target in
      layer.pixels.withUnsafeBufferPointer { layer in
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

extension RGBAImage {
  /// The picture without the colours that its alpha hides: pixels with an alpha of 0 become black.
  public func clearingHiddenColors() throws(MaskMergingError) -> RGBAImage {
    try makeImage {
      try RGBAImage(width: width, height: height) { target in
        pixels.withUnsafeBufferPointer { source in
          for pixel in stride(from: 0, to: target.count, by: 4) {
            let isSeen = source[pixel + 3] > 0
            for channel in 0..<4 { target[pixel + channel] = isSeen ? source[pixel + channel] : 0 }
          }
        }
      }
    }
  }
}

public import ImageCoding
import TensorCore

/// The photo's pixels with a matte as their straight alpha.
///
/// - Throws: `sizeMismatch` where sizes differ.
public func layer(_ matte: Matte, of photo: RGBImage) throws(MaskMergingError) -> RGBAImage {
  try matte.checkSize(equals: photo.width, photo.height)
  let alpha = try matte.image8()
  return try makeImage {
    try RGBAImage(width: photo.width, height: photo.height) { target in
      photo.pixels.withUnsafeBufferPointer { photo in
        for (pixel, value) in alpha.pixels.enumerated() {
          for channel in 0..<3 { target[4 * pixel + channel] = photo[3 * pixel + channel] }
          target[4 * pixel + 3] = value
        }
      }
    }
  }
}

/// A layer over a picture: each channel is layer · α + picture · (1 − α), in the pixels' own sRGB values.
///
/// - Parameters:
///   - layer: Straight alpha.
///   - background: A picture of the same size.
///   - matte: Where the layer is seen: its alpha is multiplied by this; nil for everywhere.
/// - Returns: A picture of the same size, rounded to the nearest values.
/// - Throws: `sizeMismatch` where sizes differ.
public func composite(
  _ layer: RGBAImage, over background: RGBImage, using matte: Matte? = nil
) throws(MaskMergingError) -> RGBImage {
  guard layer.width == background.width, layer.height == background.height else {
    throw MaskMergingError(
      .sizeMismatch,
      "a layer of \(layer.width) × \(layer.height) pixels over a picture of \(background.width) × \(background.height)")
  }
  try matte?.checkSize(equals: layer.width, layer.height)
  return try composite(layer, using: matte) { background.pixels[$0] }
}

/// A layer over a colour; see `composite(_:over:using:)`.
///
/// - Throws: `sizeMismatch` where sizes differ.
public func composite(
  _ layer: RGBAImage, over color: RGBColor, using matte: Matte? = nil
) throws(MaskMergingError) -> RGBImage {
  try matte?.checkSize(equals: layer.width, layer.height)
  let channels = [color.red, color.green, color.blue]
  return try composite(layer, using: matte) { channels[$0 % 3] }
}

private func composite(
  _ layer: RGBAImage, using matte: Matte?, _ background: (Int) -> UInt8
) throws(MaskMergingError) -> RGBImage {
  try makeImage {
    try RGBImage(width: layer.width, height: layer.height) { target in
      layer.pixels.withUnsafeBufferPointer { layer in
        for pixel in 0..<target.count / 3 {
          let alpha = Float(layer[4 * pixel + 3]) / 255 * (matte?.plane.pointer[pixel] ?? 1)
          for channel in 0..<3 {
            let below = Float(background(3 * pixel + channel))
            let value = below + (Float(layer[4 * pixel + channel]) - below) * alpha
            target[3 * pixel + channel] = UInt8(truncatingIfNeeded: Int32(value + 0.5))
          }
        }
      }
    }
  }
}

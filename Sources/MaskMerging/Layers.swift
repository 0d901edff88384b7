public import ImageCoding
import TensorCore

/// The photo's pixels with a matte as their straight alpha.
///
/// - Parameters:
///   - matte: Its values become alpha, 0 to 255, rounded to the nearest.
///   - photo: A picture of the same size.
///   - edgeColors: What colours the semi-transparent pixels have; all others keep the photo's bytes.
/// - Throws: `sizeMismatch` where sizes differ.
public func layer(
  _ matte: Matte, of photo: RGBImage, edgeColors: EdgeColors = .foreground
) throws(MaskMergingError) -> RGBAImage {
  try matte.checkSize(equals: photo.width, photo.height)
  return try makeImage {
    try RGBAImage(width: photo.width, height: photo.height) { target in
      photo.pixels.withUnsafeBufferPointer { pixels in
        matte.pool.forEachBand(ofRows: photo.height) { rows, _ in
          for pixel in rows.lowerBound * photo.width..<rows.upperBound * photo.width {
            for channel in 0..<3 { target[4 * pixel + channel] = pixels[3 * pixel + channel] }
            target[4 * pixel + 3] = UInt8(truncatingIfNeeded: Int32(matte.plane.pointer[pixel] * 255 + 0.5))
          }
        }
      }
      if edgeColors == .foreground { ForegroundEstimation(of: photo, under: matte).write(to: target) }
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
  return try composite(layer, over: background.pixels, step: 3, using: matte)
}

/// A layer over a colour; see `composite(_:over:using:)`.
///
/// - Throws: `sizeMismatch` where sizes differ.
public func composite(
  _ layer: RGBAImage, over color: RGBColor, using matte: Matte? = nil
) throws(MaskMergingError) -> RGBImage {
  try composite(layer, over: [color.red, color.green, color.blue], step: 0, using: matte)
}

/// - Parameter step: Bytes from one pixel of the background to the next.
private func composite(
  _ layer: RGBAImage, over background: [UInt8], step: Int, using matte: Matte?
) throws(MaskMergingError) -> RGBImage {
  try matte?.checkSize(equals: layer.width, layer.height)
  let (width, height, pool) = (layer.width, layer.height, matte?.pool ?? .forMasks)
  return try makeImage {
    try RGBImage(width: width, height: height) { target in
      layer.pixels.withUnsafeBufferPointer { layer in
        background.withUnsafeBufferPointer { background in
          pool.forEachBand(ofRows: height) { rows, _ in
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

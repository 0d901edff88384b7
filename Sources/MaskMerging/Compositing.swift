public import ImageCoding

/// Blends the colours of a label map over the photo; where the map has class 0, the photo stays as it is.
///
/// - Parameters:
///   - labels: The class of each pixel.
///   - colors: One for each class; classes beyond them are black.
///   - photo: A picture of the same size.
///   - opacity: 0 for the photo alone, 1 for the colours alone.
/// - Returns: A picture of the same size, rounded to the nearest values.
/// - Throws: `sizeMismatch` where sizes differ, `invalidProbability` for an opacity outside of 0 to 1.
public func overlay(
  _ labels: LabelMap, colors: [RGBColor], on photo: RGBImage, opacity: Float = 0.5
) throws(MaskMergingError) -> RGBImage {
  try checkSize(photo.width, photo.height, equals: labels.width, labels.height)
  guard (0...1).contains(opacity) else {
    throw MaskMergingError(.invalidProbability, "an opacity lies between 0 and 1, but \(opacity) is given")
  }
  let share = Int(opacity * 256 + 0.5)
  return try makeImage {
    try RGBImage(width: photo.width, height: photo.height) { target in
      photo.pixels.withUnsafeBufferPointer { photo in
        _ = target.update(fromContentsOf: photo)
      }
      for (pixel, label) in labels.indices.enumerated() where label != 0 {
        let color = Int(label) < colors.count ? colors[Int(label)] : .black
        target.blend(3 * pixel, color.red, share)
        target.blend(3 * pixel + 1, color.green, share)
        target.blend(3 * pixel + 2, color.blue, share)
      }
    }
  }
}

extension UnsafeMutableBufferPointer<UInt8> {
  /// Moves a value by `share` / 256 towards another.
  @inline(__always)
  fileprivate func blend(_ index: Int, _ value: UInt8, _ share: Int) {
    let sum = Int(self[index]) * (256 - share) + Int(value) * share + 128
    self[index] = UInt8(truncatingIfNeeded: sum >> 8)
  }
}

/// A picture of a label map: each pixel in the colour of its class; classes beyond the colours are black.
public func painted(_ labels: LabelMap, colors: [RGBColor]) throws(MaskMergingError) -> RGBImage {
  try makeImage {
    try RGBImage(width: labels.width, height: labels.height) { target in
      for (pixel, label) in labels.indices.enumerated() {
        target.setPixel(pixel, Int(label) < colors.count ? colors[Int(label)] : .black)
      }
    }
  }
}

/// The photo with the mask's probabilities as its straight alpha.
///
/// - Parameters:
///   - mask: A mask of the photo's size.
///   - photo: The picture.
///   - edgeColors: What colours the semi-transparent pixels have; all others keep the photo's bytes.
/// - Throws: `sizeMismatch` where sizes differ.
public func cutout(
  _ mask: Mask, of photo: RGBImage, edgeColors: EdgeColors = .foreground
) throws(MaskMergingError) -> RGBAImage {
  try checkSize(photo.width, photo.height, equals: mask.width, mask.height)
  return try layer(Matte(mask), of: photo, edgeColors: edgeColors)
}

private func checkSize(_ width: Int, _ height: Int, equals otherWidth: Int, _ otherHeight: Int)
  throws(MaskMergingError)
{
  guard width == otherWidth, height == otherHeight else {
    throw MaskMergingError(
      .sizeMismatch, "a photo of \(width) × \(height) pixels with masks of \(otherWidth) × \(otherHeight)")
  }
}

public import ImageCoding

extension LabelMap {
  /// A picture of the label map: each pixel in the color of its class.
  ///
  /// - Parameter colors: One color per class index; classes beyond them are black.
  /// - Returns: A picture of the same size.
  /// - Throws: ``MaskMergingError`` with the code `imageFailed` if the picture cannot be made.
  public func painted(with colors: [RGBColor]) throws -> RGBImage {
    try makeImage {
      try RGBImage(width: width, height: height) { target in
        for (pixel, label) in indices.enumerated() {
          target.setPixel(pixel, Int(label) < colors.count ? colors[Int(label)] : .black)
        }
      }
    }
  }

  /// The photo with the colors of the label map blended over it; pixels of class 0 stay as they are.
  ///
  /// - Parameters:
  ///   - photo: A picture of the map's size.
  ///   - colors: One color per class index; classes beyond them are black.
  ///   - opacity: 0 shows the photo alone, 1 the colors alone.
  /// - Returns: A picture of the same size, rounded to the nearest values.
  /// - Throws: ``MaskMergingError`` with the code `sizeMismatch` if the sizes differ, or `invalidProbability` if the
  ///   opacity is outside of 0 to 1.
  public func overlay(on photo: RGBImage, colors: [RGBColor], opacity: Float = 0.5) throws -> RGBImage {
    try photo.checkSize(equals: width, height)
    guard (0...1).contains(opacity) else {
      throw MaskMergingError(.invalidProbability, "an opacity lies between 0 and 1, but \(opacity) is given")
    }
    let share = Int(opacity * 256 + 0.5)
    return try makeImage {
      try RGBImage(width: width, height: height) { target in
        photo.pixels.withUnsafeBufferPointer { photo in
          _ = target.update(fromContentsOf: photo)
        }
        for (pixel, label) in indices.enumerated() where label != 0 {
          let color = Int(label) < colors.count ? colors[Int(label)] : .black
          target.blend(3 * pixel, color.red, share)
          target.blend(3 * pixel + 1, color.green, share)
          target.blend(3 * pixel + 2, color.blue, share)
        }
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

extension RGBImage {
  /// - Throws: ``MaskMergingError`` with the code `sizeMismatch` if the masks for this photo have another size.
  func checkSize(equals width: Int, _ height: Int) throws {
    guard self.width == width, self.height == height else {
      throw MaskMergingError(
        .sizeMismatch, "a photo of \(self.width) × \(self.height) pixels with masks of \(width) × \(height)")
    }
  }
}

import CImageShims

/// Decoder of JPEG images, through libjpeg.
enum JPEGReader {
  /// A JPEG of 1, 3 or 4 components as RGB, before orientation.
  static func read(_ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits) throws -> StoredImage {
    var header = image_jpeg_header()
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    var metadata = ImageMetadata()
    try metadata.withVisitor { visitor in
      try Shim.call { message, _ in
        image_jpeg_read_header(start, bytes.count, &header, visitor, message)
      }.check(name: name, format: "JPEG")
    }
    let (width, height) = (Int(header.width), Int(header.height))
    try limits.check(width: width, height: height, name: name)

    var damage: [String] = []
    func readPixels(into pixels: UnsafeMutableBufferPointer<UInt8>) throws {
      let result = Shim.call { message, warning in
        image_jpeg_read(
          start, bytes.count, Int32(clamping: limits.maximumScans), pixels.baseAddress, pixels.count, message, warning)
      }
      try result.check(name: name, format: "JPEG")
      if !result.warning.isEmpty { damage.append("the JPEG data is damaged (\(result.warning))") }
    }
    let hasInks = header.components == 4
    let image =
      hasInks
      ? try RGBAImage(width: width, height: height, fill: readPixels).invertedCMYKAsRGB()
      : try RGBImage(width: width, height: height, fill: readPixels)
    return StoredImage(colors: .eight(image), alpha: nil, metadata: metadata, isConverted: hasInks, notes: damage)
  }
}

extension RGBAImage {
  /// The four channels, read as cyan, magenta, yellow and black in Adobe's inverted convention (255 is no ink), as RGB.
  ///
  /// Files do not tell whether they are inverted; like Pillow, this assumes that all are.
  fileprivate func invertedCMYKAsRGB() throws -> RGBImage {
    try RGBImage(width: width, height: height) { rgb in
      pixels.withUnsafeBufferPointer { inks in
        var (source, target) = (0, 0)
        while source < inks.count {
          let black = Int32(inks[source + 3])
          for channel in 0..<3 {
            let ink = 255 - Int32(inks[source + channel])
            rgb[target + channel] = UInt8(truncatingIfNeeded: max(black - divideBy255(ink * black), 0))
          }
          source += 4
          target += 3
        }
      }
    }
  }

  /// The nearest integer to `product / 255`, for `product` in `0...65025`.
  private func divideBy255(_ product: Int32) -> Int32 {
    let shifted = product + 128
    return (shifted + shifted >> 8) >> 8
  }
}

import CImageShims

/// Reads JPEG images through libjpeg.
enum JPEGReader {
  /// Any JPEG of 1, 3 or 4 components as RGB, before orientation.
  static func read(_ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits) throws -> StoredImage {
    var header = image_jpeg_header()
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    try Shim.call { message, _ in
      image_jpeg_read_header(start, bytes.count, &header, message)
    }.check(name: name, format: "JPEG")
    let (width, height) = (Int(header.width), Int(header.height))
    try limits.check(width: width, height: height, name: name)

    let segments = JPEGSegments(bytes)
    var notes = segments.notes(name: name)
    func readPixels(into pixels: UnsafeMutableBufferPointer<UInt8>) throws {
      let answer = Shim.call { message, warning in
        image_jpeg_read(
          start, bytes.count, Int32(clamping: limits.maximumScans), pixels.baseAddress, pixels.count, message, warning)
      }
      try answer.check(name: name, format: "JPEG")
      if !answer.warning.isEmpty { notes.append("\(name): the JPEG data is damaged (\(answer.warning))") }
    }
    let image =
      header.components == 4
      ? try RGBAImage(width: width, height: height, fill: readPixels).invertedCMYKAsRGB()
      : try RGBImage(width: width, height: height, fill: readPixels)
    return StoredImage(image: image, orientation: segments.orientation, notes: notes)
  }
}

extension RGBAImage {
  /// Takes the four channels as cyan, magenta, yellow and black the way Adobe's programs store them, 255 for no ink.
  ///
  /// No file says whether it does so; Pillow takes all of them so.
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

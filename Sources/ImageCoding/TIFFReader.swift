import CImageShims

/// Decoder of TIFF images, through libtiff.
enum TIFFReader {
  /// The first image of a TIFF file, before orientation.
  static func read(_ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits) throws -> StoredImage {
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    var header = image_tiff_header()
    var metadata = ImageMetadata()
    try metadata.withVisitor { visitor in
      try Shim.call { message, _ in
        image_tiff_read_header(start, bytes.count, &header, visitor, message)
      }.check(name: name, format: "TIFF")
    }
    try limits.check(width: Int(header.width), height: Int(header.height), name: name)
    metadata.exif = Orientation(rawValue: Int(header.orientation)) ?? .up
    metadata.hasMoreImages = header.has_more_pages != 0

    let file = TIFFSamples.File(bytes: start, count: bytes.count, header: header, name: name)
    let (colors, alpha, damage) =
      switch header.kind {
      case IMAGE_TIFF_UINT8: try file.read8()
      case IMAGE_TIFF_UINT16: try file.read16()
      default: try file.readFloats(isLinear: !metadata.hasProfile)
      }
    var notes = damage
    if header.kind == IMAGE_TIFF_HALF || header.kind == IMAGE_TIFF_FLOAT {
      notes.append(
        "its numbers are taken as "
          + (metadata.hasProfile ? "values of its color profile" : "linear light") + ", 0 to 1, and others cut off")
    }
    return StoredImage(
      colors: colors, alpha: alpha, metadata: metadata,
      isConverted: header.color == IMAGE_TIFF_INKS || header.color == IMAGE_TIFF_CONVERTED, notes: notes)
  }
}

/// Stored samples of a TIFF file, and what they become.
private enum TIFFSamples {
  /// A file whose header was read, and whose size is within the limits.
  struct File {
    let bytes: UnsafePointer<UInt8>?
    let count: Int
    let header: image_tiff_header
    let name: String

    private var width: Int { Int(header.width) }
    private var height: Int { Int(header.height) }

    typealias Content = (colors: SourceImage.Colors, alpha: StoredImage.Alpha?, damage: [String])

    func read8() throws -> Content {
      let (samples, damage) = try samples(UInt8.self)
      // Those of 1, 2 and 4 bits are spread over the bytes, unless they are indices.
      let factor = header.color == IMAGE_TIFF_PALETTE ? 1 : 255 / UInt8((1 << header.bits) - 1)
      guard let image: RGBAImage = try withAlpha(samples, { $0 &* factor }) else {
        return (.eight(try colors(samples) { $0 &* factor }), nil, damage)
      }
      return (.eight(try image.selecting(0..<3)), .eight(try image.selecting(3..<4)), damage)
    }

    func read16() throws -> Content {
      let (samples, damage) = try samples(UInt16.self)
      return try content(samples, damage)
    }

    /// - Parameter isLinear: Whether the numbers are linear light, and not what a color profile says.
    func readFloats(isLinear: Bool) throws -> Content {
      let floats: [Float]
      let damage: [String]
      if header.kind == IMAGE_TIFF_HALF {
        let (halves, found) = try samples(UInt16.self)
        (floats, damage) = (halves.map(halfValue), found)
      } else {
        (floats, damage) = try samples(Float.self)
      }
      let count = Int(header.samples)
      let alpha = Int(header.alpha_sample)
      var samples = [UInt16](repeating: 0, count: floats.count)
      for (index, value) in floats.enumerated() {
        let isAlpha = alpha >= 0 && index % count == alpha
        var value = value
        if !isAlpha, header.is_premultiplied != 0, alpha >= 0 {
          // Before the curve of a display, which is not linear.
          let own = floats[index - index % count + alpha]
          value = own > 0 ? value / own : 0
        }
        // False for no number, too.
        let bounded = value > 0 ? min(value, 1) : 0
        samples[index] = UInt16((isAlpha || !isLinear ? bounded : bounded.sRGBEncoded) * 65535 + 0.5)
      }
      return try content(samples, damage, isPremultiplied: false)
    }

    private func content(_ samples: [UInt16], _ damage: [String], isPremultiplied: Bool? = nil) throws -> Content {
      guard let image: RGBA16Image = try withAlpha(samples, isPremultiplied: isPremultiplied, { $0 }) else {
        return (.sixteen(try colors(samples) { $0 }), nil, damage)
      }
      return (.sixteen(try image.selecting(0..<3)), .sixteen(try image.selecting(3..<4)), damage)
    }

    private func samples<Sample: BitwiseCopyable>(_: Sample.Type) throws -> (samples: [Sample], damage: [String]) {
      let total = width * height * Int(header.samples)
      var damage: [String] = []
      let samples = try [Sample](unsafeUninitializedCapacity: total) { buffer, initialized in
        let result = Shim.call { message, warning in
          image_tiff_read(bytes, count, buffer.baseAddress, total * MemoryLayout<Sample>.stride, message, warning)
        }
        try result.check(name: name, format: "TIFF")
        if !result.warning.isEmpty { damage.append("the TIFF data is damaged (\(result.warning))") }
        initialized = total
      }
      return (samples, damage)
    }

    /// The colors of all pixels.
    ///
    /// - Parameter scale: Brings a sample to the full range.
    private func colors<Image: SampledImage>(
      _ samples: [Image.Sample], _ scale: (Image.Sample) -> Image.Sample
    ) throws -> Image {
      let step = Int(header.samples)
      return try Image(width: width, height: height) { target in
        samples.withUnsafeBufferPointer { samples in
          for pixel in 0..<width * height {
            let color = color(samples, step * pixel, scale)
            let place = Image.channels * pixel
            (target[place], target[place + 1], target[place + 2]) = color
          }
        }
      }
    }

    /// The colors with straight alpha; nil where there is none.
    private func withAlpha<Image: SampledImage>(
      _ samples: [Image.Sample], isPremultiplied: Bool? = nil, _ scale: (Image.Sample) -> Image.Sample
    ) throws -> Image? {
      guard header.alpha_sample >= 0 else { return nil }
      let (step, alpha) = (Int(header.samples), Int(header.alpha_sample))
      let image = try Image(width: width, height: height) { target in
        samples.withUnsafeBufferPointer { samples in
          for pixel in 0..<width * height {
            let place = 4 * pixel
            (target[place], target[place + 1], target[place + 2]) = color(samples, step * pixel, scale)
            target[place + 3] = scale(samples[step * pixel + alpha])
          }
        }
      }
      return isPremultiplied ?? (header.is_premultiplied != 0) ? try image.dividedByAlpha() : image
    }

    @inline(__always)
    private func color<Sample: FixedWidthInteger & UnsignedInteger>(
      _ samples: UnsafeBufferPointer<Sample>, _ place: Int, _ scale: (Sample) -> Sample
    ) -> (Sample, Sample, Sample) {
      switch header.color {
      case IMAGE_TIFF_GRAY:
        let value = scale(samples[place])
        return (value, value, value)
      case IMAGE_TIFF_INVERTED_GRAY:
        let value = Sample.max - scale(samples[place])
        return (value, value, value)
      case IMAGE_TIFF_PALETTE:
        let index = 3 * min(Int(samples[place]), 255)
        return withUnsafeBytes(of: header.palette) { palette in
          (Sample(palette[index]), Sample(palette[index + 1]), Sample(palette[index + 2]))
        }
      case IMAGE_TIFF_INKS:
        let light = UInt32(Sample.max - samples[place + 3])
        func mixed(_ ink: Sample) -> Sample {
          Sample(truncatingIfNeeded: (UInt32(Sample.max - ink) * light + UInt32(Sample.max) / 2) / UInt32(Sample.max))
        }
        return (mixed(samples[place]), mixed(samples[place + 1]), mixed(samples[place + 2]))
      default: return (scale(samples[place]), scale(samples[place + 1]), scale(samples[place + 2]))
      }
    }
  }
}

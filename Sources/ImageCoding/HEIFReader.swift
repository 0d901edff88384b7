import CImageShims

/// Decoder of HEIC and AVIF images, through libheif.
enum HEIFReader {
  /// The first picture of a HEIF file, which is turned and cropped as the file says. The orientation of its EXIF block is not
  /// that of its pixels (ISO/IEC 23008-12, 6.5.10), and is not applied.
  static func read(
    _ bytes: UnsafeRawBufferPointer, format: String, name: String, limits: ImageLimits
  ) throws -> StoredImage {
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let largestSide = UInt32(clamping: min(limits.maximumPixels, 1 << 16))
    var header = image_heif_header()
    var metadata = ImageMetadata()
    try metadata.withVisitor { visitor in
      try Shim.call { message, _ in
        image_heif_read_header(start, bytes.count, largestSide, &header, visitor, message)
      }.check(name: name, format: format)
    }
    let (width, height) = (Int(header.width), Int(header.height))
    try limits.check(width: width, height: height, name: name)
    try limits.check(width: Int(header.coded_width), height: Int(header.coded_height), name: name)

    var notes: [String] = []
    if !metadata.hasProfile {
      switch CodePoints(primaries: header.primaries, transfer: header.transfer).profile {
      case .profile(let profile): (metadata.hasProfile, metadata.chunkProfile) = (true, profile)
      case .sRGB: break
      case .unknown: metadata.hasProfile = true
      }
    }
    var upright: (width: Int, height: Int) { (Int(header.width), Int(header.height)) }
    /// The samples of all pixels; width and height of the header are those of the picture afterwards only.
    func samples<Sample: FixedWidthInteger & BitwiseCopyable & Sendable>(_ channels: Int) throws -> [Sample] {
      let count = try PixelStorage<Sample>.count(width: width, height: height, channels: channels)
      return try Array(unsafeUninitializedCapacity: count) { buffer, initialized in
        let result = Shim.call { message, warning in
          image_heif_read(
            start, bytes.count, largestSide, &header, buffer.baseAddress, count * MemoryLayout<Sample>.stride, message,
            warning)
        }
        try result.check(name: name, format: format)
        if !result.warning.isEmpty { notes.append("the \(format) data is damaged (\(result.warning))") }
        initialized = upright.width * upright.height * channels
      }
    }
    let colors: SourceImage.Colors
    var alpha: StoredImage.Alpha?
    let isPremultiplied = header.is_premultiplied != 0
    switch (header.bits > 8, header.has_alpha != 0) {
    case (false, false):
      let pixels: [UInt8] = try samples(3)
      colors = .eight(try RGBImage(width: upright.width, height: upright.height, pixels: pixels))
    case (true, false):
      let pixels: [UInt16] = try samples(3)
      colors = .sixteen(try RGB16Image(width: upright.width, height: upright.height, pixels: pixels))
    case (false, true):
      let pixels: [UInt8] = try samples(4)
      var image = try RGBAImage(width: upright.width, height: upright.height, pixels: pixels)
      if isPremultiplied { image = try image.dividedByAlpha() }
      (colors, alpha) = (.eight(try image.selecting(0..<3)), .eight(try image.selecting(3..<4)))
    case (true, true):
      let pixels: [UInt16] = try samples(4)
      var image = try RGBA16Image(width: upright.width, height: upright.height, pixels: pixels)
      if isPremultiplied { image = try image.dividedByAlpha() }
      (colors, alpha) = (.sixteen(try image.selecting(0..<3)), .sixteen(try image.selecting(3..<4)))
    }
    return StoredImage(colors: colors, alpha: alpha, metadata: metadata, isConverted: false, notes: notes)
  }
}

/// Numbers for primaries and transfer functions (ITU-T H.273, tables 2 and 3).
private struct CodePoints {
  let primaries: UInt16
  let transfer: UInt16

  enum Meaning {
    case sRGB
    case profile(ColorProfile)
    case unknown
  }

  private static let d65 = [0.3127, 0.3290]

  /// Chromaticities of red, green, blue and white.
  private var chromaticities: [Double]? {
    switch primaries {
    case 0, 1, 2: [0.64, 0.33, 0.30, 0.60, 0.15, 0.06] + Self.d65
    case 5: [0.64, 0.33, 0.29, 0.60, 0.15, 0.06] + Self.d65
    case 6, 7: [0.630, 0.340, 0.310, 0.595, 0.155, 0.070] + Self.d65
    case 9: [0.708, 0.292, 0.170, 0.797, 0.131, 0.046] + Self.d65
    case 12: [0.680, 0.320, 0.265, 0.690, 0.150, 0.060] + Self.d65
    default: nil
    }
  }

  /// Power of the transfer function; 0 for that of sRGB, which those of video are shown with.
  private var gamma: Double? {
    switch transfer {
    case 0, 1, 2, 6, 7, 13, 14, 15: 0
    case 4: 2.2
    case 5: 2.8
    case 8: 1
    default: nil
    }
  }

  var profile: Meaning {
    guard let chromaticities, let gamma else { return .unknown }
    if primaries <= 2, gamma == 0 { return .sRGB }
    return ColorProfile(chromaticities: chromaticities, gamma: gamma).map { .profile($0) } ?? .unknown
  }
}

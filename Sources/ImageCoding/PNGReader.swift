import CImageShims

/// Decoder of PNG images, through libpng.
enum PNGReader {
  /// A PNG of any kind as RGB, before orientation; of an APNG the default image.
  ///
  /// - Parameter keepsDepth: Whether 16-bit samples stay so; otherwise their high bytes are read.
  static func read(
    _ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits, keepsDepth: Bool = false
  ) throws -> StoredImage {
    let header = try header(bytes, name: name, limits: limits)
    var metadata = ImageMetadata()
    var damage: [String] = []
    func read<Image: SampledImage>(_ layout: image_png_layout) throws -> Image {
      try Image(width: header.width, height: header.height) { pixels in
        (metadata, damage) = try readPixels(bytes, layout, into: UnsafeMutableRawBufferPointer(pixels), name: name)
      }
    }
    let colors: SourceImage.Colors
    var alpha: StoredImage.Alpha?
    switch (keepsDepth && header.bitDepth == 16, header.hasAlpha) {
    case (false, false): colors = .eight(try read(IMAGE_PNG_RGB))
    case (true, false): colors = .sixteen(try read(IMAGE_PNG_RGB16))
    case (false, true):
      let image: RGBAImage = try read(IMAGE_PNG_RGBA)
      (colors, alpha) = (.eight(try image.selecting(0..<3)), .eight(try image.selecting(3..<4)))
    case (true, true):
      let image: RGBA16Image = try read(IMAGE_PNG_RGBA16)
      (colors, alpha) = (.sixteen(try image.selecting(0..<3)), .sixteen(try image.selecting(3..<4)))
    }
    return StoredImage(colors: colors, alpha: alpha, metadata: metadata, notes: damage)
  }

  /// The stored samples of an indexed or gray PNG of at most 8 bits.
  static func readIndices(_ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits) throws -> LabelMap {
    let header = try header(bytes, name: name, limits: limits)
    guard header.colorType == .palette || header.colorType == .gray, header.bitDepth <= 8 else {
      throw ImageCodingError(
        .unsupported,
        "\(name): an indexed or gray PNG of at most 8 bits was expected, found \(header.bitDepth)-bit \(header.colorType)"
      )
    }
    return try LabelMap(width: header.width, height: header.height) { indices in
      _ = try readPixels(bytes, IMAGE_PNG_STORED, into: UnsafeMutableRawBufferPointer(indices), name: name)
    }
  }

  private static func header(
    _ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits
  ) throws -> PNGHeader {
    var found = image_png_header()
    try Shim.call { message, _ in
      image_png_read_header(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, &found, message)
    }.check(name: name, format: "PNG")
    let header = try PNGHeader(found, name: name)
    try limits.check(width: header.width, height: header.height, name: name)
    return header
  }

  private static func readPixels(
    _ bytes: UnsafeRawBufferPointer, _ layout: image_png_layout, into pixels: UnsafeMutableRawBufferPointer,
    name: String
  ) throws -> (metadata: ImageMetadata, damage: [String]) {
    var metadata = ImageMetadata()
    var damage: [String] = []
    try metadata.withVisitor { visitor in
      let result = Shim.call { message, warning in
        image_png_read(
          bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, layout,
          pixels.baseAddress?.assumingMemoryBound(to: UInt8.self), pixels.count, visitor, message, warning)
      }
      try result.check(name: name, format: "PNG")
      if !result.warning.isEmpty { damage.append("the PNG data is damaged (\(result.warning))") }
    }
    return (metadata, damage)
  }
}

/// The header chunk IHDR.
struct PNGHeader {
  enum ColorType: UInt8, CustomStringConvertible {
    case gray = 0
    case rgb = 2
    case palette = 3
    case grayAlpha = 4
    case rgba = 6

    var description: String {
      switch self {
      case .gray: "gray"
      case .rgb: "RGB"
      case .palette: "indexed"
      case .grayAlpha: "gray with alpha"
      case .rgba: "RGBA"
      }
    }
  }

  let width: Int
  let height: Int
  let bitDepth: Int
  let colorType: ColorType
  /// Whether anything may be transparent.
  let hasAlpha: Bool

  init(_ header: image_png_header, name: String) throws {
    guard let colorType = ColorType(rawValue: header.color_type) else {
      throw ImageCodingError(.corrupt, "\(name): \(header.color_type) is not a color type of PNG")
    }
    (width, height) = (Int(header.width), Int(header.height))
    (bitDepth, self.colorType) = (Int(header.bit_depth), colorType)
    hasAlpha = header.has_alpha != 0
  }
}

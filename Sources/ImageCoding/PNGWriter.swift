import CImageShims
public import Foundation

/// Trade-off between speed and file size of a PNG writer; every choice is lossless.
public enum PNGCompression: Sendable, Hashable, CaseIterable {
  /// Fast, with larger files; for images that are viewed once, such as a service's answers.
  case fast
  /// A compromise between speed and size.
  case balanced
  /// Several times slower than `balanced`, with files that are a few percent smaller.
  case small
  /// Run-length encoding of the difference to the row above, for images of a few flat colors such as color maps. These it
  /// encodes faster than `fast` and as small as `balanced`; photographs become large.
  case flat

  var level: Int32 {
    switch self {
    case .fast: 1
    case .balanced: 4
    case .small: 6
    // With run-length encoding, all levels but 0 are the same.
    case .flat: 1
    }
  }
}

/// Encoder of PNG files, through libpng.
struct PNGWriter {
  let width: Int
  let height: Int
  var bitDepth: UInt8 = 8
  let colorType: PNGHeader.ColorType
  let compression: PNGCompression
  /// Red, green and blue of each index; for indexed images only.
  var palette: [UInt8] = []
  /// The profile of the colors; `nil` for sRGB.
  var profile: ColorProfile?
  /// Whether colors are multiplied by alpha, which the format does not know: a text chunk says so.
  var isPremultiplied = false

  /// The bytes of the PNG file.
  ///
  /// - Throws: `ImageCodingError` if the image is too wide or high for a PNG, or memory runs out.
  func data(_ samples: UnsafeRawBufferPointer) throws -> Data {
    guard let columns = UInt32(exactly: width), let rows = UInt32(exactly: height), max(columns, rows) <= Int32.max
    else {
      throw ImageCodingError(.tooLarge, "A PNG is at most 2147483647 pixels wide and high, not \(width) × \(height)")
    }
    var file: UnsafeMutablePointer<UInt8>?
    var count = 0
    let profile = profile?.pngChunk ?? []
    let result = palette.withUnsafeBufferPointer { palette in
      var description = image_png_description()
      (description.width, description.height) = (columns, rows)
      (description.bit_depth, description.color_type) = (bitDepth, colorType.rawValue)
      (description.level, description.filters) = (compression.level, filters)
      description.runs_only = compression == .flat ? 1 : 0
      (description.palette, description.palette_count) = (palette.baseAddress, Int32(clamping: palette.count / 3))
      return profile.withUnsafeBufferPointer { profile in
        description.profile = profile.isEmpty ? nil : profile.baseAddress
        description.profile_count = profile.count
        description.is_premultiplied = isPremultiplied ? 1 : 0
        return Shim.call { message, _ in
          image_png_write(
            &description, samples.baseAddress?.assumingMemoryBound(to: UInt8.self), samples.count, &file, &count,
            message)
        }
      }
    }
    guard result.status == IMAGE_SHIM_OK, let file else {
      throw ImageCodingError(.writeFailed, "The image could not be written as PNG: \(result.message)")
    }
    return Data(bytesNoCopy: file, count: count, deallocator: .free)
  }

  /// The row filters that libpng may choose from, as its bits. Indices are not filtered, since their runs compress best.
  /// `flat` uses Up alone, which leaves almost nothing of flat colors. Otherwise libpng chooses None, Sub or Up for each row;
  /// Average and Paeth cost more time than they save bytes.
  private var filters: Int32 {
    if colorType == .palette { return 0x08 }
    return compression == .flat ? 0x20 : 0x08 | 0x10 | 0x20
  }
}

extension RGBImage {
  /// The bytes of an 8-bit RGB PNG file.
  ///
  /// - Parameters:
  ///   - compression: The trade-off between speed and size.
  ///   - profile: The profile of the colors, which the file carries; `nil` for sRGB.
  public func pngData(compression: PNGCompression = .balanced, profile: ColorProfile? = nil) throws -> Data {
    let writer = PNGWriter(
      width: width, height: height, colorType: .rgb, compression: compression, profile: profile)
    return try pixels.withUnsafeBytes { try writer.data($0) }
  }

  /// Writes an 8-bit RGB PNG file atomically: it appears whole or not at all.
  ///
  /// - Throws: `ImageCodingError` that names the file.
  public func write(to url: URL, compression: PNGCompression = .balanced) throws {
    try AtomicFile.write(pngData(compression: compression), to: url)
  }
}

extension RGBAImage {
  /// The bytes of an 8-bit RGBA PNG file.
  ///
  /// - Parameters:
  ///   - compression: The trade-off between speed and size.
  ///   - profile: The profile of the colors, which the file carries; `nil` for sRGB.
  public func pngData(compression: PNGCompression = .balanced, profile: ColorProfile? = nil) throws -> Data {
    try pngData(compression: compression, profile: profile, isPremultiplied: false)
  }

  /// As `pngData(compression:profile:)`, of a picture whose colors may be multiplied by its alpha.
  package func pngData(compression: PNGCompression, profile: ColorProfile?, isPremultiplied: Bool) throws -> Data {
    let writer = PNGWriter(
      width: width, height: height, colorType: .rgba, compression: compression, profile: profile,
      isPremultiplied: isPremultiplied)
    return try pixels.withUnsafeBytes { try writer.data($0) }
  }

  /// Writes an 8-bit RGBA PNG file atomically: it appears whole or not at all.
  ///
  /// - Throws: `ImageCodingError` that names the file.
  public func write(to url: URL, compression: PNGCompression = .balanced) throws {
    try AtomicFile.write(pngData(compression: compression), to: url)
  }
}

extension RGB16Image {
  /// The bytes of a 16-bit RGB PNG file.
  ///
  /// - Parameters:
  ///   - compression: The trade-off between speed and size.
  ///   - profile: The profile of the colors, which the file carries; `nil` for sRGB.
  public func pngData(compression: PNGCompression = .balanced, profile: ColorProfile? = nil) throws -> Data {
    let writer = PNGWriter(
      width: width, height: height, bitDepth: 16, colorType: .rgb, compression: compression, profile: profile)
    return try pixels.withUnsafeBytes { try writer.data($0) }
  }

  /// Writes a 16-bit RGB PNG file atomically: it appears whole or not at all.
  ///
  /// - Throws: `ImageCodingError` that names the file.
  public func write(to url: URL, compression: PNGCompression = .balanced, profile: ColorProfile? = nil) throws {
    try AtomicFile.write(pngData(compression: compression, profile: profile), to: url)
  }
}

extension RGBA16Image {
  /// The bytes of a 16-bit RGBA PNG file.
  ///
  /// - Parameters:
  ///   - compression: The trade-off between speed and size.
  ///   - profile: The profile of the colors, which the file carries; `nil` for sRGB.
  public func pngData(compression: PNGCompression = .balanced, profile: ColorProfile? = nil) throws -> Data {
    try pngData(compression: compression, profile: profile, isPremultiplied: false)
  }

  /// As `pngData(compression:profile:)`, of a picture whose colors may be multiplied by its alpha.
  package func pngData(compression: PNGCompression, profile: ColorProfile?, isPremultiplied: Bool) throws -> Data {
    let writer = PNGWriter(
      width: width, height: height, bitDepth: 16, colorType: .rgba, compression: compression, profile: profile,
      isPremultiplied: isPremultiplied)
    return try pixels.withUnsafeBytes { try writer.data($0) }
  }

  /// Writes a 16-bit RGBA PNG file atomically: it appears whole or not at all.
  ///
  /// - Throws: `ImageCodingError` that names the file.
  public func write(to url: URL, compression: PNGCompression = .balanced, profile: ColorProfile? = nil) throws {
    try AtomicFile.write(pngData(compression: compression, profile: profile), to: url)
  }
}

extension GrayImage {
  /// The bytes of an 8-bit gray PNG file.
  public func pngData(compression: PNGCompression = .balanced) throws -> Data {
    let writer = PNGWriter(width: width, height: height, colorType: .gray, compression: compression)
    return try pixels.withUnsafeBytes { try writer.data($0) }
  }

  /// Writes an 8-bit gray PNG file atomically: it appears whole or not at all.
  ///
  /// - Throws: `ImageCodingError` that names the file.
  public func write(to url: URL, compression: PNGCompression = .balanced) throws {
    try AtomicFile.write(pngData(compression: compression), to: url)
  }
}

extension Gray16Image {
  /// The bytes of a 16-bit gray PNG file.
  public func pngData(compression: PNGCompression = .balanced) throws -> Data {
    let writer = PNGWriter(
      width: width, height: height, bitDepth: 16, colorType: .gray, compression: compression)
    return try pixels.withUnsafeBytes { try writer.data($0) }
  }

  /// Writes a 16-bit gray PNG file atomically: it appears whole or not at all.
  ///
  /// - Throws: `ImageCodingError` that names the file.
  public func write(to url: URL, compression: PNGCompression = .balanced) throws {
    try AtomicFile.write(pngData(compression: compression), to: url)
  }
}

extension LabelMap {
  /// The bytes of an 8-bit indexed PNG file.
  ///
  /// - Parameters:
  ///   - palette: The color of each index; indices beyond it are black.
  ///   - compression: The trade-off between speed and size.
  /// - Throws: `ImageCodingError` if the palette has more than 256 colors.
  public func pngData(
    palette: [(red: UInt8, green: UInt8, blue: UInt8)], compression: PNGCompression = .balanced
  ) throws -> Data {
    guard palette.count <= 256 else {
      throw ImageCodingError(.invalidSize, "A palette has at most 256 colors, not \(palette.count)")
    }
    // Some readers reject indices without a color, so every index that occurs gets one.
    let needed = Int(indices.max() ?? 0) + 1
    let colors = palette + Array(repeating: (red: 0, green: 0, blue: 0), count: max(needed - palette.count, 0))
    let writer = PNGWriter(
      width: width, height: height, colorType: .palette, compression: compression,
      palette: colors.flatMap { [$0.red, $0.green, $0.blue] })
    return try indices.withUnsafeBytes { try writer.data($0) }
  }

  /// Writes an 8-bit indexed PNG file atomically: it appears whole or not at all.
  ///
  /// - Throws: `ImageCodingError` that names the file.
  public func write(
    to url: URL, palette: [(red: UInt8, green: UInt8, blue: UInt8)], compression: PNGCompression = .balanced
  ) throws {
    try AtomicFile.write(pngData(palette: palette, compression: compression), to: url)
  }
}

public import Foundation

extension RGBImage {
  /// The bytes of an 8-bit RGB PNG file.
  public func pngData(compression: PNGCompression = .balanced) throws -> Data {
    let writer = PNGWriter(
      width: width, height: height, colorType: .rgb, compression: compression)
    return try pixels.withUnsafeBytes { try writer.data($0) }
  }

  /// Writes an 8-bit RGB PNG file, whole or not at all.
  ///
  /// - Throws: `ImageCodingError` that names the file.
  public func write(to url: URL, compression: PNGCompression = .balanced) throws {
    try AtomicFile.write(pngData(compression: compression), to: url)
  }
}

extension RGBAImage {
  /// The bytes of an 8-bit RGBA PNG file.
  public func pngData(compression: PNGCompression = .balanced) throws -> Data {
    let writer = PNGWriter(
      width: width, height: height, colorType: .rgba, compression: compression)
    return try pixels.withUnsafeBytes { try writer.data($0) }
  }

  /// Writes an 8-bit RGBA PNG file, whole or not at all.
  ///
  /// - Throws: `ImageCodingError` that names the file.
  public func write(to url: URL, compression: PNGCompression = .balanced) throws {
    try AtomicFile.write(pngData(compression: compression), to: url)
  }
}

extension GrayImage {
  /// The bytes of an 8-bit gray PNG file.
  public func pngData(compression: PNGCompression = .balanced) throws -> Data {
    let writer = PNGWriter(
      width: width, height: height, colorType: .gray, compression: compression)
    return try pixels.withUnsafeBytes { try writer.data($0) }
  }

  /// Writes an 8-bit gray PNG file, whole or not at all.
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

  /// Writes a 16-bit gray PNG file, whole or not at all.
  ///
  /// - Throws: `ImageCodingError` that names the file.
  public func write(to url: URL, compression: PNGCompression = .balanced) throws {
    try AtomicFile.write(pngData(compression: compression), to: url)
  }
}

extension LabelMap {
  /// The bytes of an 8-bit indexed PNG file; `palette` gives each index its color, and those beyond it are black.
  ///
  /// - Throws: `ImageCodingError` where the palette has over 256 colors.
  public func pngData(
    palette: [(red: UInt8, green: UInt8, blue: UInt8)], compression: PNGCompression = .balanced
  ) throws -> Data {
    guard palette.count <= 256 else {
      throw ImageCodingError(.invalidSize, "A palette has at most 256 colors, not \(palette.count)")
    }
    // Not every reader shows an index without a color, so all that occur are given one.
    let needed = Int(indices.max() ?? 0) + 1
    let colors = palette + Array(repeating: (red: 0, green: 0, blue: 0), count: max(needed - palette.count, 0))
    let writer = PNGWriter(
      width: width, height: height, colorType: .palette, compression: compression,
      palette: colors.flatMap { [$0.red, $0.green, $0.blue] })
    return try indices.withUnsafeBytes { try writer.data($0) }
  }

  /// Writes an 8-bit indexed PNG file, whole or not at all.
  ///
  /// - Throws: `ImageCodingError` that names the file.
  public func write(
    to url: URL, palette: [(red: UInt8, green: UInt8, blue: UInt8)], compression: PNGCompression = .balanced
  ) throws {
    try AtomicFile.write(pngData(palette: palette, compression: compression), to: url)
  }
}

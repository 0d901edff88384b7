public import Foundation

extension RGBImage {
  /// A picture from a buffer of the caller's, which is copied.
  ///
  /// Gray is repeated in the three channels, alpha is dropped, and 16-bit samples keep their high byte, as decoders do.
  /// - Parameters:
  ///   - bytes: At least as many as the layout takes.
  ///   - layout: Format, size and row stride.
  /// - Throws: ``ImageCodingError`` with the code `invalidSize` if the layout is not one of a picture or the buffer is
  ///   too short.
  public init(copying bytes: some ContiguousBytes, layout: PixelLayout) throws {
    let own = PixelLayout(.rgb8, width: layout.width, height: layout.height)
    let conversion = try PixelConversion(from: layout, to: own)
    self = try bytes.withUnsafeBytes { bytes in
      try layout.check(bufferOf: bytes.count)
      return try RGBImage(width: layout.width, height: layout.height) { pixels in
        conversion(bytes, UnsafeMutableRawBufferPointer(pixels))
      }
    }
  }

  /// Layout of `pixels`: rows without padding. For a reader of the buffer that takes it as it is.
  public var layout: PixelLayout { PixelLayout(.rgb8, width: width, height: height) }

  /// Writes the pixels into a buffer of the caller's; padding between rows stays as it is.
  ///
  /// Alpha is opaque, and 16-bit samples are the bytes times 257.
  /// - Parameters:
  ///   - buffer: At least as many bytes as the layout takes.
  ///   - layout: Format, size and row stride; the size is the picture's.
  /// - Throws: ``ImageCodingError`` with the code `invalidSize` if the size differs or the buffer is too short, or
  ///   `unsupported` for a format without color.
  public func write(to buffer: UnsafeMutableRawBufferPointer, layout: PixelLayout) throws {
    let conversion = try PixelConversion(from: self.layout, to: layout)
    try layout.check(size: width, height)
    try layout.check(bufferOf: buffer.count)
    pixels.withUnsafeBytes { conversion($0, buffer) }
  }
}

extension RGBAImage {
  /// A picture with straight alpha from a buffer of the caller's, which is copied.
  ///
  /// Gray is repeated in the three channels, a format without alpha is opaque, and 16-bit samples keep their high byte.
  /// - Parameters:
  ///   - bytes: At least as many as the layout takes.
  ///   - layout: Format, size and row stride.
  /// - Throws: ``ImageCodingError`` with the code `invalidSize` if the layout is not one of a picture or the buffer is
  ///   too short.
  public init(copying bytes: some ContiguousBytes, layout: PixelLayout) throws {
    let own = PixelLayout(.rgba8, width: layout.width, height: layout.height)
    let conversion = try PixelConversion(from: layout, to: own)
    self = try bytes.withUnsafeBytes { bytes in
      try layout.check(bufferOf: bytes.count)
      return try RGBAImage(width: layout.width, height: layout.height) { pixels in
        conversion(bytes, UnsafeMutableRawBufferPointer(pixels))
      }
    }
  }

  /// Layout of `pixels`: rows without padding. For a reader of the buffer that takes it as it is.
  public var layout: PixelLayout { PixelLayout(.rgba8, width: width, height: height) }

  /// Writes the pixels into a buffer of the caller's; padding between rows stays as it is.
  ///
  /// An alpha that the format does not have is dropped, not blended; 16-bit samples are the bytes times 257.
  /// - Parameters:
  ///   - buffer: At least as many bytes as the layout takes.
  ///   - layout: Format, size and row stride; the size is the picture's.
  /// - Throws: ``ImageCodingError`` with the code `invalidSize` if the size differs or the buffer is too short, or
  ///   `unsupported` for a format without color.
  public func write(to buffer: UnsafeMutableRawBufferPointer, layout: PixelLayout) throws {
    let conversion = try PixelConversion(from: self.layout, to: layout)
    try layout.check(size: width, height)
    try layout.check(bufferOf: buffer.count)
    pixels.withUnsafeBytes { conversion($0, buffer) }
  }
}

extension GrayImage {
  /// A gray picture from a buffer of the caller's, which is copied.
  ///
  /// 16-bit samples keep their high byte.
  /// - Parameters:
  ///   - bytes: At least as many as the layout takes.
  ///   - layout: Format, size and row stride.
  /// - Throws: ``ImageCodingError`` with the code `invalidSize` if the layout is not one of a picture or the buffer is
  ///   too short, or `unsupported` for a format with color.
  public init(copying bytes: some ContiguousBytes, layout: PixelLayout) throws {
    let own = PixelLayout(.gray8, width: layout.width, height: layout.height)
    let conversion = try PixelConversion(from: layout, to: own)
    self = try bytes.withUnsafeBytes { bytes in
      try layout.check(bufferOf: bytes.count)
      return try GrayImage(width: layout.width, height: layout.height) { pixels in
        conversion(bytes, UnsafeMutableRawBufferPointer(pixels))
      }
    }
  }

  /// Layout of `pixels`: rows without padding. For a reader of the buffer that takes it as it is.
  public var layout: PixelLayout { PixelLayout(.gray8, width: width, height: height) }

  /// Writes the pixels into a buffer of the caller's; padding between rows stays as it is.
  ///
  /// Gray is repeated in color channels, alpha is opaque, and 16-bit samples are the bytes times 257.
  /// - Parameters:
  ///   - buffer: At least as many bytes as the layout takes.
  ///   - layout: Format, size and row stride; the size is the picture's.
  /// - Throws: ``ImageCodingError`` with the code `invalidSize` if the size differs or the buffer is too short.
  public func write(to buffer: UnsafeMutableRawBufferPointer, layout: PixelLayout) throws {
    let conversion = try PixelConversion(from: self.layout, to: layout)
    try layout.check(size: width, height)
    try layout.check(bufferOf: buffer.count)
    pixels.withUnsafeBytes { conversion($0, buffer) }
  }
}

extension Gray16Image {
  /// A gray picture of 16 bits from a buffer of the caller's, which is copied.
  ///
  /// 8-bit samples are multiplied by 257.
  /// - Parameters:
  ///   - bytes: At least as many as the layout takes.
  ///   - layout: Format, size and row stride.
  /// - Throws: ``ImageCodingError`` with the code `invalidSize` if the layout is not one of a picture or the buffer is
  ///   too short, or `unsupported` for a format with color.
  public init(copying bytes: some ContiguousBytes, layout: PixelLayout) throws {
    let own = PixelLayout(.gray16, width: layout.width, height: layout.height)
    let conversion = try PixelConversion(from: layout, to: own)
    self = try bytes.withUnsafeBytes { bytes in
      try layout.check(bufferOf: bytes.count)
      return try Gray16Image(width: layout.width, height: layout.height) { pixels in
        conversion(bytes, UnsafeMutableRawBufferPointer(pixels))
      }
    }
  }

  /// Layout of `pixels`: rows without padding. For a reader of the buffer that takes it as it is.
  public var layout: PixelLayout { PixelLayout(.gray16, width: width, height: height) }

  /// Writes the pixels into a buffer of the caller's; padding between rows stays as it is.
  ///
  /// Gray is repeated in color channels, alpha is opaque, and 8-bit samples are the high bytes.
  /// - Parameters:
  ///   - buffer: At least as many bytes as the layout takes.
  ///   - layout: Format, size and row stride; the size is the picture's.
  /// - Throws: ``ImageCodingError`` with the code `invalidSize` if the size differs or the buffer is too short.
  public func write(to buffer: UnsafeMutableRawBufferPointer, layout: PixelLayout) throws {
    let conversion = try PixelConversion(from: self.layout, to: layout)
    try layout.check(size: width, height)
    try layout.check(bufferOf: buffer.count)
    pixels.withUnsafeBytes { conversion($0, buffer) }
  }
}

extension PixelLayout {
  /// - Throws: ``ImageCodingError`` with the code `invalidSize` unless the layout has the given size.
  package func check(size width: Int, _ height: Int) throws {
    guard self.width == width, self.height == height else {
      throw ImageCodingError(
        .invalidSize,
        "A picture of \(width) × \(height) pixels does not fill a buffer of \(self.width) × \(self.height)")
    }
  }
}

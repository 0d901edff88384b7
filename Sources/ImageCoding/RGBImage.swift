/// An 8-bit sRGB image: red, green and blue of each pixel, in rows from the top left without padding.
public struct RGBImage: Sendable, Equatable {
  private var storage: PixelStorage<UInt8>

  /// Number of pixels in a row.
  public var width: Int { storage.width }
  /// Number of rows.
  public var height: Int { storage.height }
  /// Shape (height, width, 3), 0 to 255.
  public var pixels: [UInt8] { storage.samples }

  /// An image of `pixels`, shape (height, width, 3), 0 to 255.
  ///
  /// - Throws: `ImageCodingError` with the code `invalidSize` unless width and height are at least 1 and `pixels` has
  ///   exactly that size.
  public init(width: Int, height: Int, pixels: [UInt8]) throws {
    storage = try PixelStorage(width: width, height: height, channels: 3, samples: pixels)
  }

  /// An image whose pixels are initialized by `fill`, which has to write all of them.
  package init(width: Int, height: Int, fill: (UnsafeMutableBufferPointer<UInt8>) throws -> Void) throws {
    storage = try PixelStorage(width: width, height: height, channels: 3, fill: fill)
  }

  /// As `init(width:height:fill:)`, for a size that is known to be valid.
  init(_ width: Int, by height: Int, fill: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
    storage = PixelStorage(width, by: height, channels: 3, fill: fill)
  }

  /// An image of a single color.
  ///
  /// - Throws: `ImageCodingError` unless width and height are at least 1.
  public init(width: Int, height: Int, filledWith color: (red: UInt8, green: UInt8, blue: UInt8)) throws {
    try self.init(width: width, height: height) { pixels in
      for index in stride(from: 0, to: pixels.count, by: 3) {
        (pixels[index], pixels[index + 1], pixels[index + 2]) = (color.red, color.green, color.blue)
      }
    }
  }

  /// Calls `body` with the pixels, shape (height, width, 3), which it may change in place.
  package mutating func withMutablePixels<Result>(
    _ body: (UnsafeMutableBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    try storage.samples.withUnsafeMutableBufferPointer { try body($0) }
  }
}

/// An 8-bit sRGB image with straight (not premultiplied) alpha: red, green, blue and alpha of each pixel.
public struct RGBAImage: Sendable, Equatable {
  private var storage: PixelStorage<UInt8>

  /// Number of pixels in a row.
  public var width: Int { storage.width }
  /// Number of rows.
  public var height: Int { storage.height }
  /// Shape (height, width, 4), 0 to 255.
  public var pixels: [UInt8] { storage.samples }

  /// An image of `pixels`, shape (height, width, 4), 0 to 255.
  ///
  /// - Throws: `ImageCodingError` with the code `invalidSize` unless width and height are at least 1 and `pixels` has
  ///   exactly that size.
  public init(width: Int, height: Int, pixels: [UInt8]) throws {
    storage = try PixelStorage(width: width, height: height, channels: 4, samples: pixels)
  }

  /// An image whose pixels are initialized by `fill`, which has to write all of them.
  package init(width: Int, height: Int, fill: (UnsafeMutableBufferPointer<UInt8>) throws -> Void) throws {
    storage = try PixelStorage(width: width, height: height, channels: 4, fill: fill)
  }
}

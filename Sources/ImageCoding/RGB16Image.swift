/// An image of 16 bits: red, green and blue of each pixel, in rows from the top left without padding.
public struct RGB16Image: Sendable, Equatable {
  private var storage: PixelStorage<UInt16>

  /// Number of pixels in a row.
  public var width: Int { storage.width }
  /// Number of rows.
  public var height: Int { storage.height }
  /// Shape (height, width, 3), 0 to 65535.
  public var pixels: [UInt16] { storage.samples }

  /// An image of `pixels`, shape (height, width, 3), 0 to 65535.
  ///
  /// - Throws: `ImageCodingError` with the code `invalidSize` unless width and height are at least 1 and `pixels` has
  ///   exactly that size.
  public init(width: Int, height: Int, pixels: [UInt16]) throws {
    storage = try PixelStorage(width: width, height: height, channels: 3, samples: pixels)
  }

  /// An image whose pixels are initialized by `fill`, which has to write all of them.
  package init(width: Int, height: Int, fill: (UnsafeMutableBufferPointer<UInt16>) throws -> Void) throws {
    storage = try PixelStorage(width: width, height: height, channels: 3, fill: fill)
  }

  /// Calls `body` with the pixels, shape (height, width, 3), which it may change in place.
  package mutating func withMutablePixels<Result>(
    _ body: (UnsafeMutableBufferPointer<UInt16>) throws -> Result
  ) rethrows -> Result {
    try storage.samples.withUnsafeMutableBufferPointer { try body($0) }
  }
}

/// An image of 16 bits with straight (not premultiplied) alpha: red, green, blue and alpha of each pixel.
public struct RGBA16Image: Sendable, Equatable {
  private var storage: PixelStorage<UInt16>

  /// Number of pixels in a row.
  public var width: Int { storage.width }
  /// Number of rows.
  public var height: Int { storage.height }
  /// Shape (height, width, 4), 0 to 65535.
  public var pixels: [UInt16] { storage.samples }

  /// An image of `pixels`, shape (height, width, 4), 0 to 65535.
  ///
  /// - Throws: `ImageCodingError` with the code `invalidSize` unless width and height are at least 1 and `pixels` has
  ///   exactly that size.
  public init(width: Int, height: Int, pixels: [UInt16]) throws {
    storage = try PixelStorage(width: width, height: height, channels: 4, samples: pixels)
  }

  /// An image whose pixels are initialized by `fill`, which has to write all of them.
  package init(width: Int, height: Int, fill: (UnsafeMutableBufferPointer<UInt16>) throws -> Void) throws {
    storage = try PixelStorage(width: width, height: height, channels: 4, fill: fill)
  }
}

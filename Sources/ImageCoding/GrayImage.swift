/// An image with one 8-bit value per pixel, such as a soft mask: 0 is transparent, 255 is opaque.
public struct GrayImage: Sendable, Equatable {
  private var storage: PixelStorage<UInt8>

  /// Number of pixels in a row.
  public var width: Int { storage.width }
  /// Number of rows.
  public var height: Int { storage.height }
  /// Shape (height, width), 0 to 255.
  public var pixels: [UInt8] { storage.samples }

  /// An image of `pixels`, shape (height, width), 0 to 255.
  ///
  /// - Throws: `ImageCodingError` with the code `invalidSize` unless width and height are at least 1 and `pixels` has
  ///   exactly that size.
  public init(width: Int, height: Int, pixels: [UInt8]) throws {
    storage = try PixelStorage(width: width, height: height, channels: 1, samples: pixels)
  }

  /// An image whose pixels are initialized by `fill`, which has to write all of them.
  package init(width: Int, height: Int, fill: (UnsafeMutableBufferPointer<UInt8>) throws -> Void) throws {
    storage = try PixelStorage(width: width, height: height, channels: 1, fill: fill)
  }
}

/// An image with one 16-bit value per pixel, such as a depth map or a matte for compositing.
public struct Gray16Image: Sendable, Equatable {
  private var storage: PixelStorage<UInt16>

  /// Number of pixels in a row.
  public var width: Int { storage.width }
  /// Number of rows.
  public var height: Int { storage.height }
  /// Shape (height, width), 0 to 65535.
  public var pixels: [UInt16] { storage.samples }

  /// An image of `pixels`, shape (height, width), 0 to 65535.
  ///
  /// - Throws: `ImageCodingError` with the code `invalidSize` unless width and height are at least 1 and `pixels` has
  ///   exactly that size.
  public init(width: Int, height: Int, pixels: [UInt16]) throws {
    storage = try PixelStorage(width: width, height: height, channels: 1, samples: pixels)
  }

  /// An image whose pixels are initialized by `fill`, which has to write all of them.
  package init(width: Int, height: Int, fill: (UnsafeMutableBufferPointer<UInt16>) throws -> Void) throws {
    storage = try PixelStorage(width: width, height: height, channels: 1, fill: fill)
  }
}

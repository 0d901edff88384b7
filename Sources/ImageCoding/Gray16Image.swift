/// One 16-bit value a pixel, such as a depth or a fine matte.
public struct Gray16Image: Sendable, Equatable {
  private var store: PixelStore<UInt16>

  /// Pixels in a row.
  public var width: Int { store.width }
  /// Rows.
  public var height: Int { store.height }
  /// Shape (height, width), 0 to 65535.
  public var pixels: [UInt16] { store.samples }

  /// Takes `pixels` as they are: shape (height, width), 0 to 65535.
  ///
  /// - Throws: `ImageCodingError` unless width and height are at least 1 and `pixels` fills them exactly.
  public init(width: Int, height: Int, pixels: [UInt16]) throws {
    store = try PixelStore(width: width, height: height, channels: 1, samples: pixels)
  }

  /// An image whose pixels `fill` writes, every one.
  package init(width: Int, height: Int, fill: (UnsafeMutableBufferPointer<UInt16>) throws -> Void) throws {
    store = try PixelStore(width: width, height: height, channels: 1, fill: fill)
  }
}

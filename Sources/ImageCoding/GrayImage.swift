/// One 8-bit value a pixel, such as a soft mask: 0 is none, 255 is all.
public struct GrayImage: Sendable, Equatable {
  private var store: PixelStore<UInt8>

  /// Pixels in a row.
  public var width: Int { store.width }
  /// Rows.
  public var height: Int { store.height }
  /// Shape (height, width), 0 to 255.
  public var pixels: [UInt8] { store.samples }

  /// Takes `pixels` as they are: shape (height, width), 0 to 255.
  ///
  /// - Throws: `ImageCodingError` unless width and height are at least 1 and `pixels` fills them exactly.
  public init(width: Int, height: Int, pixels: [UInt8]) throws {
    store = try PixelStore(width: width, height: height, channels: 1, samples: pixels)
  }

  /// An image whose pixels `fill` writes, every one.
  package init(width: Int, height: Int, fill: (UnsafeMutableBufferPointer<UInt8>) throws -> Void) throws {
    store = try PixelStore(width: width, height: height, channels: 1, fill: fill)
  }
}

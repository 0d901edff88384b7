/// A picture of 8-bit sRGB: red, green, blue, row after row from the top left.
public struct RGBImage: Sendable, Equatable {
  private var store: PixelStore<UInt8>

  /// Pixels in a row.
  public var width: Int { store.width }
  /// Rows.
  public var height: Int { store.height }
  /// Shape (height, width, 3), 0 to 255.
  public var pixels: [UInt8] { store.samples }

  /// Takes `pixels` as they are: shape (height, width, 3), 0 to 255.
  ///
  /// - Throws: `ImageCodingError` unless width and height are at least 1 and `pixels` fills them exactly.
  public init(width: Int, height: Int, pixels: [UInt8]) throws {
    store = try PixelStore(width: width, height: height, channels: 3, samples: pixels)
  }

  /// An image whose pixels `fill` writes, every one.
  package init(width: Int, height: Int, fill: (UnsafeMutableBufferPointer<UInt8>) throws -> Void) throws {
    store = try PixelStore(width: width, height: height, channels: 3, fill: fill)
  }

  /// As `init(width:height:fill:)`, for a size that is known to be sound.
  init(_ width: Int, by height: Int, fill: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
    store = PixelStore(width, by: height, channels: 3, fill: fill)
  }

  /// A picture of one color.
  ///
  /// - Throws: `ImageCodingError` unless width and height are at least 1.
  public init(width: Int, height: Int, filledWith color: (red: UInt8, green: UInt8, blue: UInt8)) throws {
    try self.init(width: width, height: height) { pixels in
      for index in stride(from: 0, to: pixels.count, by: 3) {
        (pixels[index], pixels[index + 1], pixels[index + 2]) = (color.red, color.green, color.blue)
      }
    }
  }

  /// Lets `body` change the pixels, shape (height, width, 3), in place.
  package mutating func withMutablePixels<Result>(
    _ body: (UnsafeMutableBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    try store.samples.withUnsafeMutableBufferPointer { try body($0) }
  }
}

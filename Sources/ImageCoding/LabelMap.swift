/// The index of a class for each pixel, row after row from the top left.
public struct LabelMap: Sendable, Equatable {
  private var store: PixelStore<UInt8>

  /// Pixels in a row.
  public var width: Int { store.width }
  /// Rows.
  public var height: Int { store.height }
  /// Shape (height, width): the class of each pixel.
  public var indices: [UInt8] { store.samples }

  /// Takes `indices` as they are: shape (height, width), the class of each pixel.
  ///
  /// - Throws: `ImageCodingError` unless width and height are at least 1 and `indices` fills them exactly.
  public init(width: Int, height: Int, indices: [UInt8]) throws {
    store = try PixelStore(width: width, height: height, channels: 1, samples: indices)
  }

  /// A map whose indices `fill` writes, every one.
  package init(width: Int, height: Int, fill: (UnsafeMutableBufferPointer<UInt8>) throws -> Void) throws {
    store = try PixelStore(width: width, height: height, channels: 1, fill: fill)
  }
}

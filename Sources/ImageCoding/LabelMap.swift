public import Foundation

/// A class index for each pixel, in rows from the top left without padding.
public struct LabelMap: Sendable, Equatable {
  private var storage: PixelStorage<UInt8>

  /// Number of pixels in a row.
  public var width: Int { storage.width }
  /// Number of rows.
  public var height: Int { storage.height }
  /// The class index of each pixel, shape (height, width).
  public var indices: [UInt8] { storage.samples }

  /// A map of `indices`, shape (height, width).
  ///
  /// - Throws: `ImageCodingError` with the code `invalidSize` unless width and height are at least 1 and `indices` has
  ///   exactly that size.
  public init(width: Int, height: Int, indices: [UInt8]) throws {
    storage = try PixelStorage(width: width, height: height, channels: 1, samples: indices)
  }

  /// A map whose indices are initialized by `fill`, which has to write all of them.
  package init(width: Int, height: Int, fill: (UnsafeMutableBufferPointer<UInt8>) throws -> Void) throws {
    storage = try PixelStorage(width: width, height: height, channels: 1, fill: fill)
  }
}

extension LabelMap {
  /// Reads the stored indices of an indexed PNG file, or the stored values of a gray one, of at most 8 bits.
  ///
  /// - Throws: `ImageCodingError` that names the file.
  public init(contentsOf url: URL, limits: ImageLimits = .default) throws {
    let file = try FileReader.contents(of: url, maximumBytes: limits.maximumBytes)
    self = try LabelMap(decoding: file, name: url.lastPathComponent, limits: limits)
  }

  /// Reads the bytes of an indexed or gray PNG file of at most 8 bits.
  ///
  /// - Throws: `ImageCodingError` that calls the map `name`.
  public init(decoding bytes: some ContiguousBytes, name: String = "label map", limits: ImageLimits = .default) throws {
    self = try bytes.withUnsafeBytes { bytes in
      guard ImageFormat(of: bytes) == .png else {
        let found = ImageFormat(of: bytes).map { "a \($0.name) image" } ?? ImageFormat.describeOther(bytes)
        throw ImageCodingError(.notAnImage, "\(name): an indexed or gray PNG was expected, found \(found)")
      }
      return try PNGReader.readIndices(bytes, name: name, limits: limits)
    }
  }
}

public import Foundation

extension LabelMap {
  /// Reads the indices of an indexed PNG, or the values of a gray one, of at most 8 bits, as they are stored.
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
        let found = ImageFormat(of: bytes).map { "a \($0.rawValue) image" } ?? ImageFormat.describeOther(bytes)
        throw ImageCodingError(.notAnImage, "\(name): an indexed or gray PNG was expected, found \(found)")
      }
      return try PNGReader.readIndices(bytes, name: name, limits: limits)
    }
  }
}

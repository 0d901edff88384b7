/// The size limits of decoders. They are checked against the header, before memory is allocated.
public struct ImageLimits: Sendable, Equatable {
  /// Largest width times height; 100 megapixels by default.
  public var maximumPixels = 100_000_000
  /// Largest file; 1 GiB by default.
  public var maximumBytes = 1 << 30
  /// Most scans of a JPEG file, each of which passes over the whole image; 100 by default.
  public var maximumScans = 100

  public init() {}

  public static let `default` = ImageLimits()

  /// Checks the size of an image.
  ///
  /// - Throws: `ImageCodingError` if the image has no pixels or too many.
  func check(width: Int, height: Int, name: String) throws {
    guard width > 0, height > 0 else {
      throw ImageCodingError(.corrupt, "\(name): the image is \(width) × \(height); at least 1 × 1 was expected")
    }
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, pixels <= maximumPixels else {
      throw ImageCodingError(
        .tooLarge, "\(name): the image is \(width) × \(height); at most \(maximumPixels) pixels are allowed")
    }
  }
}

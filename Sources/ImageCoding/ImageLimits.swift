/// How much a decoder takes in before it refuses; each is checked on the header, before memory is taken.
public struct ImageLimits: Sendable, Equatable {
  /// Width times height; 100 megapixels unless set.
  public var maximumPixels = 100_000_000
  /// Size of a file; 1 GiB unless set.
  public var maximumBytes = 1 << 30
  /// Scans of a JPEG, each of which passes over the whole image; 100 unless set.
  public var maximumScans = 100

  public init() {}

  public static let `default` = ImageLimits()

  /// - Throws: `ImageCodingError` where an image of that size has no pixels or too many.
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

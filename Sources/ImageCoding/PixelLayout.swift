/// Layout of a picture's samples in a buffer: format, size and row stride.
///
/// Rows go from top to bottom, and the first sample is the buffer's first byte. Between the end of a row and the start of
/// the next there may be padding, which is neither read nor written.
public struct PixelLayout: Sendable, Hashable {
  /// Channels of a pixel in the order of memory, and the size of their samples.
  ///
  /// 16-bit samples are in the machine's byte order; alpha is straight, not premultiplied.
  public enum Format: String, Sendable, CaseIterable {
    case gray8, rgb8, rgba8, bgra8
    case gray16, rgb16, rgba16, bgra16

    /// Channels of a pixel.
    public var channels: Int {
      switch self {
      case .gray8, .gray16: 1
      case .rgb8, .rgb16: 3
      case .rgba8, .bgra8, .rgba16, .bgra16: 4
      }
    }

    /// Bytes of a sample, 1 or 2.
    public var bytesPerSample: Int {
      switch self {
      case .gray8, .rgb8, .rgba8, .bgra8: 1
      case .gray16, .rgb16, .rgba16, .bgra16: 2
      }
    }

    /// Bytes of a pixel.
    public var bytesPerPixel: Int { channels * bytesPerSample }

    /// Channel indices of red, green, blue and alpha; `nil` for an alpha that the format does not have.
    var order: (red: Int, green: Int, blue: Int, alpha: Int?) {
      switch self {
      case .gray8, .gray16: (0, 0, 0, nil)
      case .rgb8, .rgb16: (0, 1, 2, nil)
      case .rgba8, .rgba16: (0, 1, 2, 3)
      case .bgra8, .bgra16: (2, 1, 0, 3)
      }
    }
  }

  /// Channels and sample size.
  public var format: Format
  /// Pixels in a row.
  public var width: Int
  /// Rows.
  public var height: Int
  /// Bytes from the start of a row to the start of the next, padding included.
  public var bytesPerRow: Int

  /// A layout; its values are checked where it is used.
  ///
  /// - Parameter bytesPerRow: Row stride; `nil` for rows without padding.
  public init(_ format: Format, width: Int, height: Int, bytesPerRow: Int? = nil) {
    self.format = format
    self.width = width
    self.height = height
    self.bytesPerRow = bytesPerRow ?? width.multipliedReportingOverflow(by: format.bytesPerPixel).partialValue
  }

  /// Checks that the layout is one that a picture can have, and that a buffer is long enough for it. The last row
  /// needs no padding.
  ///
  /// - Throws: ``ImageCodingError`` with the code `invalidSize`.
  package func check(bufferOf count: Int) throws {
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard width > 0, height > 0, !overflow, pixels <= Self.mostPixels else {
      throw ImageCodingError(
        .invalidSize, "A picture in a buffer takes at least 1 × 1 pixels, not \(width) × \(height)")
    }
    let rowBytes = width * format.bytesPerPixel
    guard bytesPerRow >= rowBytes, bytesPerRow <= Self.mostBytesPerRow else {
      throw ImageCodingError(
        .invalidSize,
        "\(width) pixels of \(format.rawValue) take a row stride of at least \(rowBytes) bytes, not \(bytesPerRow)")
    }
    let (padded, isTooLong) = (height - 1).multipliedReportingOverflow(by: bytesPerRow)
    guard !isTooLong, padded <= count - rowBytes else {
      throw ImageCodingError(
        .invalidSize,
        "\(width) × \(height) pixels of \(format.rawValue), \(bytesPerRow) bytes a row, do not fit in a buffer of "
          + "\(count) bytes")
    }
  }

  /// Sizes under which no arithmetic on offsets overflows.
  private static let mostPixels = 1 << 34
  private static let mostBytesPerRow = 1 << 40
}

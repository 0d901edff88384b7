/// Why an image could not be read or written.
public struct ImageCodingError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it is; open, so that a later version may add to it.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }

    /// There is no file of that name.
    public static let notFound = Code("notFound")
    /// The path names a directory, a pipe or a device, not a file.
    public static let notAFile = Code("notAFile")
    /// The system refuses to read the file.
    public static let unreadable = Code("unreadable")
    /// The bytes are not a PNG, JPEG or WebP image.
    public static let notAnImage = Code("notAnImage")
    /// The data ends before the image does.
    public static let truncated = Code("truncated")
    /// The data contradicts its own format.
    public static let corrupt = Code("corrupt")
    /// More pixels, bytes or scans than the limits allow.
    public static let tooLarge = Code("tooLarge")
    /// A kind of image that this package does not read.
    public static let unsupported = Code("unsupported")
    /// Width, height and number of values do not go together.
    public static let invalidSize = Code("invalidSize")
    /// The file could not be written; nothing is left of it.
    public static let writeFailed = Code("writeFailed")
  }

  public let code: Code
  /// One sentence that names the file, what was expected and what was found.
  public let message: String
  /// The error of the system or library beneath, if there is one.
  public let cause: (any Error)?

  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  public var description: String { message }
}

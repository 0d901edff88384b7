/// Failure to read or write an image.
public struct ImageCodingError: Error, Sendable, CustomStringConvertible {
  /// Kind of a failure; later versions may add to it.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    /// Name of the code.
    public let description: String

    /// A code of the given name.
    public init(_ description: String) { self.description = description }

    /// The file does not exist.
    public static let notFound = Code("notFound")
    /// The path names a directory, a pipe or a device, not a regular file.
    public static let notAFile = Code("notAFile")
    /// The operating system refused to read the file.
    public static let unreadable = Code("unreadable")
    /// The bytes are not an image of a format that is read.
    public static let notAnImage = Code("notAnImage")
    /// The data ends before the image does.
    public static let truncated = Code("truncated")
    /// The data contradicts its own format.
    public static let corrupt = Code("corrupt")
    /// The image has more pixels, bytes or scans than the limits allow.
    public static let tooLarge = Code("tooLarge")
    /// The package does not read this kind of image.
    public static let unsupported = Code("unsupported")
    /// Width, height and number of values do not match.
    public static let invalidSize = Code("invalidSize")
    /// The file could not be written; no part of it remains.
    public static let writeFailed = Code("writeFailed")
  }

  /// Kind of failure, for programs to tell apart.
  public let code: Code
  /// One sentence that names the file, what was expected and what was found.
  public let message: String
  /// The error beneath, if there is one.
  public let cause: (any Error)?

  /// An error of the given kind.
  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// The message.
  public var description: String { message }
}

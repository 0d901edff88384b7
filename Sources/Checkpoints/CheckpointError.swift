/// Failure to read, write or use a file of weights.
public struct CheckpointError: Error, Sendable, CustomStringConvertible {
  /// Kind of a failure; later versions may add to it.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// Name of the code.
    public let description: String
    package init(_ description: String) { self.description = description }

    /// There is no file of that name.
    public static let noSuchFile = Code("noSuchFile")
    /// The file exists but cannot be read: a directory, a pipe, missing permission, an I/O error.
    public static let unreadable = Code("unreadable")
    /// The file contradicts itself or its format: truncated, damaged, or made to mislead.
    public static let malformed = Code("malformed")
    /// The file is of another kind, or uses a feature that is not supported.
    public static let unsupported = Code("unsupported")
    /// The file claims more than its size justifies, or more than a limit allows.
    public static let tooLarge = Code("tooLarge")
    /// A tensor is missing, unused, not finite, or of another type or shape than was asked for.
    public static let mismatch = Code("mismatch")
    /// The file could not be written; nothing was left behind.
    public static let notWritten = Code("notWritten")
  }

  /// Kind of failure, for programs to tell apart.
  public let code: Code
  /// One sentence that names the file, what was expected and what was found.
  public let message: String
  /// The error beneath, if there is one.
  public let cause: (any Error)?

  package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// The message.
  public var description: String { message }
}

extension String {
  /// The text in quotation marks, with control characters escaped and cut after 80 Unicode scalars, for error messages.
  package var quoted: String {
    let start = unicodeScalars.prefix(80)
    return (start.endIndex == endIndex ? self : String(start) + "…").debugDescription
  }
}

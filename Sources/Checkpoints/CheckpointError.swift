/// Why a file of weights could not be read, written or used.
public struct CheckpointError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure; later versions may add more.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// There is no file of that name.
    public static let noSuchFile = Code(description: "noSuchFile")
    /// The file exists but cannot be read: a directory, a pipe, missing permission, an I/O error.
    public static let unreadable = Code(description: "unreadable")
    /// The file contradicts itself or its format: truncated, damaged, or made to mislead.
    public static let malformed = Code(description: "malformed")
    /// The file is of another kind, or uses a feature that is not supported.
    public static let unsupported = Code(description: "unsupported")
    /// The file claims more than its size justifies, or more than a limit allows.
    public static let tooLarge = Code(description: "tooLarge")
    /// A tensor is missing, unused, not finite, or of another type or shape than was asked for.
    public static let mismatch = Code(description: "mismatch")
    /// The file could not be written; nothing was left behind.
    public static let notWritten = Code(description: "notWritten")
  }

  public let code: Code
  /// One sentence for a person: which file, what was expected, what was found.
  public let message: String
  /// The error that led to this one, if there was one.
  public let cause: (any Error)?

  package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  public var description: String {
    guard let cause else { return message }
    return "\(message) (\(cause))"
  }
}

extension String {
  /// The text in quotation marks, with control characters escaped and cut after 80 Unicode scalars, for error messages.
  package var quoted: String {
    let start = unicodeScalars.prefix(80)
    return (start.endIndex == endIndex ? self : String(start) + "…").debugDescription
  }
}

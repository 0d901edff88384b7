/// Failure to make, merge or paint masks.
public struct MaskMergingError: Error, Sendable, CustomStringConvertible {
  /// Kind of a failure; later versions may add to it.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    /// Name of the code.
    public let description: String

    /// A code of the given name.
    public init(_ description: String) { self.description = description }

    /// Masks, pictures, labels or scores that belong together differ in size or number.
    public static let sizeMismatch = Code("sizeMismatch")
    /// A label that the palette or the model does not have.
    public static let unknownLabel = Code("unknownLabel")
    /// A color that is not written as six hexadecimal digits.
    public static let invalidColor = Code("invalidColor")
    /// A probability, score or logit that is not a number, or a probability outside of 0 to 1.
    public static let invalidProbability = Code("invalidProbability")
    /// A setting outside of what it may be.
    public static let invalidOption = Code("invalidOption")
    /// A text that is not what it should be: a palette, run lengths.
    public static let invalidText = Code("invalidText")
    /// A picture could not be made of the result.
    public static let imageFailed = Code("imageFailed")
  }

  /// Kind of failure, for programs to tell apart.
  public let code: Code
  /// One sentence that names what was expected and what was found.
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

import Checkpoints
import M2FP

/// Failure to make a parser.
public struct HumanParsingError: Error, Sendable, CustomStringConvertible {
  /// Kind of a failure; later versions may add to it.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// Name of the code.
    public let description: String
    package init(_ description: String) { self.description = description }

    /// There is no weights file at the place.
    public static let noWeights = Code("noWeights")
    /// The weights file cannot be used.
    public static let badWeights = Code("badWeights")
    /// An option has a value that it cannot have.
    public static let invalidOption = Code("invalidOption")
  }

  /// Kind of failure, for programs to tell apart.
  public let code: Code
  /// One sentence that names the file or option, what was expected and what was found.
  public let message: String
  /// The error beneath, if there is one.
  public let cause: (any Error)?

  package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// What went wrong while a weights file was read.
  init(weights error: any Error) {
    let isMissing = (error as? CheckpointError)?.code == .noSuchFile
    self.init(isMissing ? .noWeights : .badWeights, "\(error)", cause: error)
  }

  /// The message.
  public var description: String { message }
}

import Checkpoints
import M2FP

/// Why a parser could not be made.
public struct HumanParsingError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it is; more kinds may come.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    public let description: String
    package init(_ description: String) { self.description = description }

    /// There is no weights file at the place.
    public static let noWeights = Code("no weights")
    /// The weights file cannot be used.
    public static let badWeights = Code("bad weights")
    /// An option has a value that it cannot have.
    public static let invalidOption = Code("invalid option")
  }

  public let code: Code
  /// One sentence for a person: which file or option, what was expected, what was found.
  public let message: String
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

  public var description: String { message }
}

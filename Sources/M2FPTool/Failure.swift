import Checkpoints
import HumanParsing
import ImageCoding
import M2FP
import MaskMerging

/// A failure with its message and exit status.
package struct Failure: Error, Equatable, CustomStringConvertible {
  package var status: ExitReason
  /// Names the file, what was expected and what was found; has no line breaks.
  package var message: String

  package init(_ status: ExitReason, _ message: String) {
    self.status = status
    self.message = message
  }

  package var description: String { message }
}

extension Failure {
  /// The failure for an error of the libraries.
  ///
  /// - Parameters:
  ///   - error: Any error; errors that no library documents are software faults.
  ///   - path: The file that the error is about, as the user named it. Callers put it before the message, so the bare file
  ///     name at the start of the message is removed.
  package init(_ error: any Error, about path: String? = nil) {
    self =
      switch error {
      case let failure as Failure: failure
      case let error as ImageCodingError: Failure(Self.reason(error.code), error.message)
      case let error as CheckpointError: Failure(Self.reason(error.code), error.description)
      case let error as M2FPError: Failure(error.code == .unknownLayer ? .usage : .badData, error.description)
      case let error as HumanParsingError: Failure(Self.reason(error), error.message)
      case let error as MaskMergingError: Failure(Self.reason(error.code), error.message)
      default: Failure(.softwareFault, "\(error)")
      }
    // File names may contain line breaks.
    message = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    if let path {
      let prefix = FilePath.name(of: path) + ": "
      if message.hasPrefix(prefix) { message.removeFirst(prefix.count) }
    }
  }

  private static func reason(_ code: ImageCodingError.Code) -> ExitReason {
    switch code {
    case .notFound, .notAFile, .unreadable: .noInput
    case .writeFailed: .inputOutput
    default: .badData
    }
  }

  private static func reason(_ code: CheckpointError.Code) -> ExitReason {
    switch code {
    case .noSuchFile, .unreadable: .noInput
    case .notWritten: .inputOutput
    default: .badData
    }
  }

  private static func reason(_ code: MaskMergingError.Code) -> ExitReason {
    switch code {
    case .invalidOption, .unknownLabel: .usage
    case .invalidText, .invalidColor: .badData
    default: .softwareFault
    }
  }

  private static func reason(_ error: HumanParsingError) -> ExitReason {
    switch error.code {
    case .noWeights: .noInput
    case .invalidOption: .usage
    default: (error.cause as? CheckpointError).map { reason($0.code) } ?? .badData
    }
  }
}

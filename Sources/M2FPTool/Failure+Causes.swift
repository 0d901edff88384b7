import Checkpoints
import HumanParsing
import ImageCoding
import M2FP
import MaskMerging

extension Failure {
  /// What an error of the libraries means for the command line.
  ///
  /// - Parameters:
  ///   - error: Any error; one that no library documents is the program's own fault.
  ///   - path: What it is about, as the user named it. It replaces the bare file name that messages begin with.
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
    // A message is one line, whatever a file's name holds.
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

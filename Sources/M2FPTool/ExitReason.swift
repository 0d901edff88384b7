import ArgumentParser
import Logging

/// Exit status of the program, numbered as in `sysexits.h`, which swift-argument-parser follows too.
package enum ExitReason: Int32, Sendable, Comparable {
  case success = 0
  /// The command line is invalid.
  case usage = 64
  /// An input was read, but its contents are invalid.
  case badData = 65
  /// An input does not exist or cannot be opened.
  case noInput = 66
  /// An internal error of the program.
  case softwareFault = 70
  /// A read or write failed.
  case inputOutput = 74
  /// SIGTERM ended the run, which can go on: render farms start it again.
  case tryAgain = 75
  /// SIGINT ended the run; numbered as by shells.
  case interrupted = 130

  package static func < (left: ExitReason, right: ExitReason) -> Bool { left.rawValue < right.rawValue }
}

/// Logger of the program's messages on standard error.
let logger = Logger(label: "m2fp")

/// Runs a command, logs its failure in one line, and throws its exit status.
func exiting(_ work: () throws(Failure) -> ExitReason) throws {
  let reason: ExitReason
  do {
    reason = try work()
  } catch {
    logger.error("\(error.message)")
    reason = error.status
  }
  if reason != .success { throw ExitCode(reason.rawValue) }
}

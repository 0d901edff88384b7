import ArgumentParser
import Logging
import Platform

/// Exit status of the program, numbered as in `sysexits.h`, which swift-argument-parser follows too.
package enum ExitReason: Int32, Sendable, Comparable {
  case success = 0
  /// There was no memory left; render farms by OpenCue start it again with more.
  case outOfMemory = 33
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
  /// SIGTERM ended a sequence, which can go on, or another run writes into its folder: render farms start it again.
  case tryAgain = 75
  /// SIGHUP ended the run; numbered as by shells, like the others that follow.
  case hungUp = 129
  /// SIGINT ended the run.
  case interrupted = 130
  /// SIGQUIT ended the run.
  case quit = 131
  /// SIGUSR1 and SIGUSR2 ended the run, by their numbers on Linux.
  case firstUserSignal = 138
  case secondUserSignal = 140
  /// SIGTERM ended the run.
  case terminated = 143
  /// SIGXCPU ended the run.
  case outOfTime = 152

  /// The status for the signal that has arrived.
  static var signalled: ExitReason { ExitReason(rawValue: 128 + Interrupt.signalNumber) ?? .interrupted }

  /// The status of a sequence that a signal has stopped and that can go on.
  static var stopped: ExitReason { signalled == .terminated ? .tryAgain : .signalled }

  /// Whether a signal ended the run.
  var isSignal: Bool { rawValue > 128 }

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

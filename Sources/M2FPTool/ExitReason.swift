/// How the program ends, in the numbers of `sysexits.h`, which swift-argument-parser follows too.
package enum ExitReason: Int32, Sendable, Comparable {
  case success = 0
  /// The command line asks for something that makes no sense.
  case usage = 64
  /// Some input was read but could not be understood.
  case badData = 65
  /// Some input does not exist or cannot be opened.
  case noInput = 66
  /// The program itself is at fault.
  case softwareFault = 70
  /// Reading or writing failed on the way.
  case inputOutput = 74
  /// Stopped by SIGINT, as a shell numbers it.
  case interrupted = 130

  package static func < (left: ExitReason, right: ExitReason) -> Bool { left.rawValue < right.rawValue }
}

import ArgumentParser
import HumanParsing

/// Which pictures a command works on, and which of them it leaves alone.
struct InputOptions: ParsableArguments {
  @Flag(help: "Look for pictures in folders inside folders too.")
  var recursive = false

  @Flag(help: "Leave pictures alone whose results are all there.")
  var skipExisting = false
}

extension InputList {
  /// Says which arguments gave no picture; returns the exit status that they call for.
  func reportRefusals() -> ExitReason {
    for refusal in refusals { notes.error("\(refusal.path): \(refusal.failure.message)") }
    return refusals.map(\.failure.status).max() ?? .success
  }
}

extension BatchSummary {
  /// Says how a run of several pictures ended, and how to resume it.
  ///
  /// - Parameter verb: What was done with them, such as "parsed".
  func report(verb: String) {
    if total > 1 { notes.notice("\(text(verb: verb))") }
    if isInterrupted, left > 0 {
      notes.notice("Interrupted; the same command with --skip-existing goes on from here.")
    }
  }
}

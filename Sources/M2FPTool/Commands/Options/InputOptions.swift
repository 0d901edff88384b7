import ArgumentParser
import HumanParsing

/// Flags for the choice of input pictures.
struct InputOptions: ParsableArguments {
  @Flag(help: "Search subfolders for pictures too.")
  var recursive = false

  @Flag(help: "Skip pictures whose results all exist.")
  var skipExisting = false
}

extension InputList {
  /// Logs the arguments without pictures, and returns their exit status.
  func reportRefusals() -> ExitReason {
    for refusal in refusals { logger.error("\(refusal.path): \(refusal.failure.message)") }
    return refusals.map(\.failure.status).max() ?? .success
  }
}

extension BatchSummary {
  /// Logs the outcome of a run of several pictures, and how to resume it.
  ///
  /// - Parameter verb: The past participle of the action, such as "parsed".
  func report(verb: String) {
    if total > 1 { logger.notice("\(text(verb: verb))") }
    if isInterrupted, left > 0 {
      logger.notice("Interrupted; the same command with --skip-existing goes on from here.")
    }
  }
}

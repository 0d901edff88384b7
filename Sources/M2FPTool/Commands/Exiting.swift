import ArgumentParser
import Logging

/// What the program has to say beside its results.
let notes = Logger(label: "m2fp")

/// Runs a command's work; a failure is reported in one line and becomes the exit status.
func exiting(_ work: () throws(Failure) -> ExitReason) throws {
  let reason: ExitReason
  do {
    reason = try work()
  } catch {
    notes.error("\(error.message)")
    reason = error.status
  }
  if reason != .success { throw ExitCode(reason.rawValue) }
}

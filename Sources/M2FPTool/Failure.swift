/// One thing that went wrong, in one sentence for a person, with the exit status that it calls for.
package struct Failure: Error, Equatable, CustomStringConvertible {
  package var status: ExitReason
  /// Names the file, what was expected and what was found; no line breaks.
  package var message: String

  package init(_ status: ExitReason, _ message: String) {
    self.status = status
    self.message = message
  }

  package var description: String { message }
}

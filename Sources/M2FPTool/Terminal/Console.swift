import Platform

/// Standard error as the whole program shares it: messages in lines of their own, and one line of progress below
/// them if it is a terminal. Standard output is for results alone.
package final class Console: Sendable {
  package static let shared = Console()

  /// Whether a person looks at standard error.
  package let isTerminal = Terminal.isStandardError
  /// The progress line on the screen; empty if there is none.
  private let progress = Locked("")

  /// Writes a message above the progress line.
  package func message(_ text: String) {
    progress.withLock { line in
      write(erasure(of: line) + text + "\n" + line)
    }
  }

  /// Draws the progress line anew; does nothing unless standard error is a terminal.
  package func show(_ state: ProgressLine) {
    guard isTerminal else { return }
    progress.withLock { line in
      let erasure = erasure(of: line)
      line = state.text(columns: Terminal.columns - 1)
      write(erasure + line)
    }
  }

  package func clearProgress() {
    progress.withLock { line in
      write(erasure(of: line))
      line = ""
    }
  }

  private func erasure(of line: String) -> String { line.isEmpty ? "" : "\r\u{1B}[K" }

  private func write(_ text: String) {
    // Nothing can be said about a standard error that takes no bytes.
    try? OutputFile.standardError.write(PathText.bytes(text))
  }
}

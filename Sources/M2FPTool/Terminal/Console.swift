import Glibc
import Synchronization

/// Standard error as the whole program shares it: messages in lines of their own, and one line of progress below
/// them if it is a terminal. Standard output is for results alone.
package final class Console: Sendable {
  package static let shared = Console()

  /// Whether a person looks at standard error.
  package let isTerminal = isatty(STDERR_FILENO) == 1
  /// The progress line on the screen; empty if there is none.
  private let progress = Mutex("")

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
      line = state.text(columns: columns - 1)
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

  private var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  private func write(_ text: String) {
    // Nothing can be said about a standard error that takes no bytes.
    try? StandardStream.write(Array(text.utf8), to: STDERR_FILENO)
  }
}

import Platform

/// Standard error as the whole program shares it: messages in lines of their own, and one line of progress below
/// them if it is a terminal. Standard output is for results alone.
package final class Console: Sendable {
  package static let shared = Console()

  /// Whether a person looks at standard error.
  package let isTerminal = Terminal.isStandardError
  /// The progress line on the screen; empty if there is none.
  private let progress = Locked("")

  /// Writes a message for people above the progress line, on one line.
  package func message(_ text: String) { write(line: Self.printable(text)) }

  /// Writes a line as it is above the progress line.
  package func write(line text: String) {
    progress.withLock { line in
      write(erasure(of: line) + text + "\n" + line)
    }
  }

  /// The text with control characters escaped, which names of files may contain: a terminal obeys them. So are those that
  /// reverse the order of letters.
  package static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      result += isControl(scalar) ? scalar.escaped(asASCII: true) : String(scalar)
    }
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": true
    default: false
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

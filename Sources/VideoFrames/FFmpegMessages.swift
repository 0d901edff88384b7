import Platform

/// What ffmpeg says on standard error while it decodes: the time of each frame, from its `showinfo` filter, and errors.
///
/// Lines are expected as `-loglevel repeat+level+info` has them.
package final class FFmpegMessages: Sendable {
  private struct Shared {
    var timeBase: Ratio?
    /// The last errors.
    var errors: [String] = []
  }

  private let shared = Locked(Shared())
  /// Times of frames, ahead of the frames by no more than a pipe holds.
  private let times = BoundedQueue<FrameTime>(capacity: .max)

  /// Most errors that are kept.
  private static let mostErrors = 3

  package init() {}

  package func take(_ line: String) {
    if line.hasPrefix("[Parsed_showinfo") {
      shared.withLock { shared in
        if let text = Self.word(after: "config in time_base:", in: line) { shared.timeBase = Ratio(text) }
        guard Self.word(after: "] n:", in: line) != nil, let pts = Self.word(after: " pts:", in: line) else { return }
        // A frame without a time gets an entry too, so that those after it do not move up.
        times.add(FrameTime(pts: Int(pts), timeBase: shared.timeBase))
      }
    } else if line.contains("[error]") || line.contains("[fatal]") || line.contains("[panic]") {
      let text = Self.withoutMarks(line)
      guard !text.isEmpty else { return }
      shared.withLock { shared in
        if shared.errors.last != text { shared.errors.append(text) }
        if shared.errors.count > Self.mostErrors { shared.errors.removeFirst() }
      }
    }
  }

  /// Notes that no line follows.
  package func end() { times.close() }

  /// The time of the next frame, as soon as it is known; `nil` if ffmpeg did not say.
  package func nextTime() -> FrameTime? { times.take() }

  /// The last errors in one line; `nil` if there were none.
  package var lastErrors: String? { shared.withLock { $0.errors.isEmpty ? nil : $0.errors.joined(separator: "; ") } }

  /// The word that follows a text, after spaces.
  private static func word(after text: String, in line: String) -> Substring? {
    guard let range = line.range(of: text) else { return nil }
    let word = line[range.upperBound...].drop(while: \.isWhitespace).prefix { !$0.isWhitespace && $0 != "," }
    return word.isEmpty ? nil : word
  }

  /// A line without what stands in brackets before it: `[mov @ 0x5581] [error] `.
  static func withoutMarks(_ line: String) -> String {
    var rest = line[...]
    while rest.first == "[", let end = rest.firstIndex(of: "]") {
      rest = rest[rest.index(after: end)...].drop(while: \.isWhitespace)
    }
    return String(rest)
  }
}

extension String {
  /// The first place of another string in this one.
  fileprivate func range(of other: String) -> Range<String.Index>? { firstRange(of: other) }
}

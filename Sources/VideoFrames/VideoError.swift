/// Failure to read or to write a video.
package struct VideoError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Kind of a failure, for programs to tell apart.
  package enum Code: Sendable, Equatable {
    /// ffmpeg or ffprobe is not installed, or cannot be started.
    case noProgram
    /// A file in which there is no video that ffmpeg can read.
    case notVideo
    /// ffmpeg ended before the video did.
    case interrupted
    /// A frame that is larger than the limits allow.
    case tooLarge
    /// ffmpeg could not write a video.
    case notWritten
  }

  package let code: Code
  /// One sentence that says what was expected and what was found; callers put the file's name before it.
  package let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }

  /// The failure where a program is not found, or cannot be started.
  static func noProgram(_ name: String, _ reason: String? = nil) -> VideoError {
    guard let reason else {
      return VideoError(
        .noProgram,
        "expected ffmpeg and ffprobe on the PATH, which videos need, found no \(name); install ffmpeg, or give frames")
    }
    return VideoError(.noProgram, "expected \(name) to start, found that it does not: \(reason)")
  }
}

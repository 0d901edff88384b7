/// Failure to find the frames of a sequence.
package struct FrameSequenceError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Kind of a failure, for programs to tell apart.
  package enum Code: Sendable, Equatable {
    /// A pattern or a list of frame numbers that is not written as they are.
    case invalidText
    /// A folder that cannot be read, or holds no frame.
    case notFound
    /// Several sequences, or two files for one frame.
    case ambiguous
    /// Frames that are not there.
    case missingFrames
  }

  package let code: Code
  /// One sentence that names the file or text, what was expected and what was found.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}

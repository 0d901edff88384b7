package import FrameSequences

/// The frames that the input of `m2fp sequence` names.
package enum SequenceInput {
  /// Extensions of videos, which are told to be turned into frames.
  private static let videos: Set<String> = ["mov", "mp4", "m4v", "mkv", "webm", "avi", "mxf", "mpg", "mpeg"]

  /// The pattern of a folder of frames, of a frame of a sequence, or that a text spells.
  ///
  /// - Throws: ``Failure``: usage for what is no pattern, no input for what is not there.
  package static func pattern(_ argument: String) throws(Failure) -> FramePattern {
    switch FilePath.kind(of: argument) {
    case .success(.folder):
      return try failing { () throws(FrameSequenceError) in
        try FrameFolder.pattern(in: argument, extensions: PictureName.extensions)
      }
    case .success(.file):
      let ending = argument.lastIndex(of: ".").map { argument[argument.index(after: $0)...].lowercased() } ?? ""
      if videos.contains(ending) {
        throw Failure(
          .usage,
          "\(argument): expected frames, found a video; `ffmpeg -i \(argument) FOLDER/%04d.png` makes frames of it")
      }
      guard let pattern = FrameFolder.pattern(ofFrame: argument) else {
        throw Failure(.usage, "\(argument): expected a name with the number of a frame, such as shot.1001.png")
      }
      return pattern
    case .success(.other(let kind)):
      throw Failure(.noInput, "\(argument): expected a folder or a pattern of frames, found \(kind)")
    case .failure(let error):
      let pattern = try failing { () throws(FrameSequenceError) in try FramePattern(path: argument) }
      guard let pattern else { throw Failure(.noInput, "\(argument): \(error)") }
      return pattern
    }
  }

  /// The frames of a pattern.
  static func frames(
    of pattern: FramePattern, range: FrameRange?, missing: MissingFramePolicy
  ) throws(Failure) -> FrameList {
    try failing { () throws(FrameSequenceError) in
      try FrameList(pattern: pattern, found: FrameFolder.frames(of: pattern), range: range, missing: missing)
    }
  }

  private static func failing<Result>(_ body: () throws(FrameSequenceError) -> Result) throws(Failure) -> Result {
    do { return try body() } catch {
      let status: ExitReason =
        switch error.code {
        case .invalidText, .ambiguous: .usage
        case .notFound, .missingFrames: .noInput
        }
      throw Failure(status, error.message)
    }
  }
}

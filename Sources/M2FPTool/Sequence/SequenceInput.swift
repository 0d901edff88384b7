package import FrameSequences
import VideoFrames

/// What the input of `m2fp sequence` names.
package enum SequenceInput {
  /// A pattern of frames, which are files.
  case frames(FramePattern)
  /// Path of a video.
  case video(String)

  /// Extensions of videos.
  private static let videos: Set<String> = [
    "3gp", "avi", "dv", "flv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf", "ogv", "ts", "webm",
    "wmv",
    "y4m",
  ]

  /// A video, or the pattern of a folder of frames, of a frame of a sequence, or that a text spells.
  ///
  /// - Throws: ``Failure``: usage for what is no pattern, no input for what is not there.
  package init(_ argument: String) throws(Failure) {
    switch FilePath.kind(of: argument) {
    case .success(.folder):
      self = .frames(
        try Self.failing { () throws(FrameSequenceError) in
          try FrameFolder.pattern(in: argument, extensions: PictureName.extensions)
        })
    case .success(.file):
      let ending = argument.lastIndex(of: ".").map { argument[argument.index(after: $0)...].lowercased() } ?? ""
      if Self.videos.contains(ending) {
        self = .video(argument)
        return
      }
      guard let pattern = FrameFolder.pattern(ofFrame: argument) else {
        throw Failure(
          .usage, "\(argument): expected a video, or a name with the number of a frame, such as shot.1001.png")
      }
      self = .frames(pattern)
    case .success(.other(let kind)):
      throw Failure(.noInput, "\(argument): expected a folder, a pattern of frames or a video, found \(kind)")
    case .failure(let error):
      let pattern = try Self.failing { () throws(FrameSequenceError) in try FramePattern(path: argument) }
      guard let pattern else { throw Failure(.noInput, "\(argument): \(error)") }
      self = .frames(pattern)
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

  /// The frames of a video.
  ///
  /// - Throws: ``Failure``: no input where ffprobe is missing, bad data for what is no video, usage for frames that no video
  ///   has.
  static func frames(
    ofVideo path: String, from firstNumber: Int, range: FrameRange?, missing: MissingFramePolicy
  ) throws(Failure) -> VideoSelection {
    if let least = range?.numbers.first, least < firstNumber {
      throw Failure(
        .usage, "--frames: expected numbers from \(firstNumber) on, that of the video's first frame, found \(least)")
    }
    guard missing == .error || missing == .skip else {
      throw Failure(.usage, "--missing: expected error or skip for a video, found \(missing.rawValue)")
    }
    do throws(VideoError) {
      return VideoSelection(
        video: try Video(path: path), firstNumber: firstNumber, numbers: range?.numbers, mayLackFrames: missing == .skip
      )
    } catch { throw Failure(error, of: path) }
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

import FrameSequences
import VideoFrames

/// The frames of a run by their index, from 0: files that were found beforehand, or the frames of a video, whose number is
/// known at its end.
enum SequenceFrames: Sendable {
  case files([SequenceFrame])
  case video(VideoSelection)

  /// The frame of an index; `nil` beyond the last, and never for a video as a whole.
  func frame(at index: Int) -> SequenceFrame? {
    switch self {
    case .files(let frames): frames.indices.contains(index) ? frames[index] : nil
    case .video(let selection): selection.frame(at: index)
    }
  }

  /// Number of frames as far as is known beforehand.
  var expectedCount: Int {
    switch self {
    case .files(let frames): frames.count
    case .video(let selection): selection.numbers?.count ?? selection.video.expectedFrames ?? 0
    }
  }

  /// Whether the frame before is missing, so that the picture is not compared with another.
  func isAfterGap(_ index: Int) -> Bool {
    guard index > 1, let frame = frame(at: index)?.number, let last = self.frame(at: index - 1)?.number,
      let other = self.frame(at: index - 2)?.number
    else { return false }
    return frame - last > last - other
  }

  /// Indices of the frames of a certain number of frames whose numbers are wanted; `nil` wants all.
  func indices(of range: FrameRange?) -> [Int] {
    guard let range else { return Array(0..<expectedCount) }
    let wanted = Set(range.numbers)
    return (0..<expectedCount).filter { frame(at: $0).map { wanted.contains($0.number) } ?? false }
  }

  /// The first frames.
  func prefix(_ count: Int) -> SequenceFrames {
    switch self {
    case .files(let frames): .files(Array(frames.prefix(count)))
    case .video(let selection): .video(selection.prefix(count))
    }
  }

  /// Whether it is known beforehand which frames there are, so that several machines agree on them.
  var isSettled: Bool {
    switch self {
    case .files: true
    case .video(let selection): selection.numbers != nil && !selection.mayLackFrames
    }
  }

  /// Whether the number of frames is certain.
  var isCounted: Bool { if case .files = self { true } else { false } }
}

/// Frames of a video.
struct VideoSelection: Sendable {
  let video: Video
  /// Number of the video's first frame.
  let firstNumber: Int
  /// Frames that are asked for, ascending; `nil` for all.
  let numbers: [Int]?
  /// Whether frames that are asked for may be beyond the end.
  let mayLackFrames: Bool

  /// Least number of digits, as in `person.1001.png`.
  private static let spelling = FramePattern(folder: ".", prefix: "", padding: 4, suffix: "")

  /// Place in the video of the frame of an index.
  func position(at index: Int) -> Int? { number(at: index).map { $0 - firstNumber } }

  fileprivate func prefix(_ count: Int) -> VideoSelection {
    let first = numbers ?? Array(firstNumber..<firstNumber + count)
    return VideoSelection(
      video: video, firstNumber: firstNumber, numbers: Array(first.prefix(count)), mayLackFrames: true)
  }

  fileprivate func frame(at index: Int) -> SequenceFrame? {
    number(at: index).map { number in
      SequenceFrame(number: number, digits: Self.spelling.digits(of: number), source: .video(path: video.path))
    }
  }

  private func number(at index: Int) -> Int? {
    guard let numbers else { return firstNumber + index }
    return numbers.indices.contains(index) ? numbers[index] : nil
  }
}

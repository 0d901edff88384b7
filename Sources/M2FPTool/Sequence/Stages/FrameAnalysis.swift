import Foundation
import FrameSequences
import HumanParsing
import Platform

/// What `m2fp sequence analyze` says of a frame, beside what the network says.
struct FrameAnalysis: Codable {
  /// A frame by which another one is smoothed, or the frame itself.
  struct Neighbor: Codable, Equatable {
    var number: Int
    /// Where the picture comes from; for a black one, that which has its size.
    var source: String
    var isBlack = false
    /// Size of a picture's file.
    var bytes: Int?
    var isAfterGap: Bool
  }

  var settings: SequenceSettings
  /// All frames that decide what is seen in this one.
  var window: [Neighbor]
  /// `nil` for a frame that cannot be read.
  var facts: PictureFacts?
  /// `nil` for a frame without results.
  var sighting: FrameSighting?
  var error: String?
  var status: Int32?
  var milliseconds = SequenceRecord.Milliseconds()

  /// An analysis of which nothing is known but what it is made of.
  init(_ job: SequenceJob, at index: Int) {
    settings = job.settings
    let (frames, reach) = (job.run.frames, job.run.temporal.reach)
    window = (max(index - reach, 0)...index + reach).compactMap { index in
      frames.frame(at: index).map { Neighbor($0, isAfterGap: frames.isAfterGap(index)) }
    }
  }

  /// Why the frame has no results.
  var failure: Failure? {
    error.map { Failure(status.flatMap(ExitReason.init) ?? .softwareFault, $0) }
  }

  /// Settings that decide what is seen in a frame; the others decide what is made of it.
  private static let deciding: Set<String> = [
    "version", "weights", "input", "video", "missing", "detail", "rawPeople", "temporal", "plateView",
  ]

  /// Says in what an analysis differs from one that this command would make; `nil` for nothing.
  func difference(to expected: FrameAnalysis) -> String? {
    let names = settings.differences(to: expected.settings).filter(Self.deciding.contains)
    if !names.isEmpty { return "other \(names.joined(separator: ", "))" }
    return window == expected.window ? nil : "other pictures of it or of those beside it"
  }
}

extension FrameAnalysis.Neighbor {
  init(_ frame: SequenceFrame, isAfterGap: Bool) {
    switch frame.source {
    case .file(let path):
      self.init(number: frame.number, source: path, bytes: try? FileSystem.byteCount(of: path), isAfterGap: isAfterGap)
    case .black(let path): self.init(number: frame.number, source: path, isBlack: true, isAfterGap: isAfterGap)
    case .video(let path): self.init(number: frame.number, source: path, isAfterGap: isAfterGap)
    }
  }
}

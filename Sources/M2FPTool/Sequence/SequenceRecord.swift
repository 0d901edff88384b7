import FrameSequences
import HumanParsing
package import MaskMerging

/// What became of one frame, as the manifest says.
package struct SequenceRecord: Codable, Sendable {
  /// A person of the frame, in the order in which the network found them.
  package struct Person: Codable, Sendable, Equatable {
    /// The number that they have in the whole shot; `null` for somebody who is seen too seldom.
    package var number: Int?
    package var score: Float
    package var box: BoundingBox
  }

  /// A file that was written.
  package struct Output: Codable, Sendable, Equatable {
    /// Relative to the folder of the results.
    package var file: String
    package var bytes: Int
  }

  /// Durations in milliseconds.
  package struct Milliseconds: Codable, Sendable {
    var decode = 0.0
    var network = 0.0
    var results = 0.0
  }

  package var number: Int
  /// The number as file names spell it.
  package var digits: String
  /// Path of the picture or the video; absent for a frame that is missing and black.
  package var source: String?
  /// When a video shows the frame: in the units of its stream, and in seconds.
  package var pts: Int?
  package var time: Double?
  package var width = 0
  package var height = 0
  package var people: [Person] = []
  package var outputs: [Output] = []
  /// Why to look at the frame.
  package var review: [String] = []
  package var warnings: [String] = []
  package var cut = false
  /// Why the frame has no results.
  package var error: String?
  /// Exit status of the failure.
  var status: Int32?
  package var milliseconds = Milliseconds()

  init(_ frame: SequenceFrame) {
    number = frame.number
    digits = frame.digits
    switch frame.source {
    case .file(let path), .video(let path): source = path
    case .black: break
    }
    if let replacement = frame.replacement { warnings.append("frame \(replacement) stands in for it") }
  }

  /// Takes what the tracker says, and finds out whether somebody should look at the frame.
  mutating func take(_ sighting: FrameSighting, _ tracking: Tracking) {
    (width, height, cut) = (sighting.width, sighting.height, tracking.isCut)
    people = zip(sighting.people, tracking.numbers).map { person, number in
      Person(number: number, score: person.score, box: person.box)
    }
    if cut { review.append("a cut") }
    review += tracking.appearing.map { "person \($0) appears" }
    review += tracking.returning.map { "person \($0) is back" }
    review += tracking.leaving.map { "person \($0) is gone" }
    if !tracking.uncertain.isEmpty {
      review.append("\(tracking.uncertain.map { "person \($0)" }.joined(separator: " and ")) may be exchanged")
    }
    for person in people where person.score < Self.lowScore {
      if let number = person.number { review.append("person \(number) has a low score") }
    }
  }

  /// Score below which somebody should look.
  private static let lowScore: Float = 0.5
}

/// A person of a shot, as the manifest says.
package struct ShotPerson: Codable, Sendable, Equatable {
  package var number: Int
  /// Numbers of the first and the last frame with the person, and how many frames show them.
  package var first: Int
  package var last: Int
  package var frames = 0
  /// Mean score of these frames, the smallest, and the frame that has it.
  package var meanScore: Float = 0
  package var leastScore: Float = 1
  package var leastScoreFrame: Int

  private enum CodingKeys: String, CodingKey {
    case number, first, last, frames
    case meanScore = "mean_score"
    case leastScore = "least_score"
    case leastScoreFrame = "least_score_frame"
  }

  fileprivate init(number: Int, frame: Int) {
    (self.number, first, last, leastScoreFrame) = (number, frame, frame, frame)
  }

  fileprivate mutating func add(score: Float, frame: Int) {
    meanScore += (score - meanScore) / Float(frames + 1)
    frames += 1
    last = frame
    if score < leastScore { (leastScore, leastScoreFrame) = (score, frame) }
  }
}

/// Summary of a shot as a whole; it grows by a few words for frames that somebody should look at.
struct ShotSummary: Sendable {
  /// A frame that somebody should look at.
  struct Review: Codable, Sendable {
    var frame: Int
    var reasons: [String]
  }

  private(set) var people: [ShotPerson] = []
  private(set) var review: [Review] = []
  private(set) var parsed = 0
  /// Frames without results, and the highest exit status among them.
  private(set) var failed = 0
  private(set) var worst = ExitReason.success

  mutating func add(_ record: SequenceRecord) {
    if let status = record.status {
      failed += 1
      worst = max(worst, ExitReason(rawValue: status) ?? .softwareFault)
    } else {
      parsed += 1
    }
    if !record.review.isEmpty { review.append(Review(frame: record.number, reasons: record.review)) }
    for person in record.people {
      guard let number = person.number else { continue }
      while people.count < number { people.append(ShotPerson(number: people.count + 1, frame: record.number)) }
      people[number - 1].add(score: person.score, frame: record.number)
    }
  }
}

import FrameSequences

/// Record of a frame's picture, apart from who is in it.
struct PictureFacts: Codable, Sendable {
  var width: Int
  var height: Int
  /// What the decoder ignored or repaired.
  var notes: [String]
  /// When a video shows the frame: in the units of its stream, and in seconds.
  var pts: Int?
  var seconds: Double?

  init(_ picture: SequenceReader.Picture) {
    (width, height, notes) = (picture.photo.width, picture.photo.height, picture.notes)
    (pts, seconds) = (picture.pts, picture.seconds)
  }
}

/// Begins the records of frames, in their order, and says once what is odd about their pictures.
struct SequenceRecorder {
  private var lastSize: (width: Int, height: Int)?
  private var notes: Set<String> = []

  /// - Parameter lastSize: Size of the last frame before that could be read.
  init(after lastSize: (width: Int, height: Int)? = nil) { self.lastSize = lastSize }

  /// The record of a frame whose picture could be read.
  mutating func record(_ frame: SequenceFrame, _ facts: PictureFacts) -> SequenceRecord {
    var record = SequenceRecord(frame)
    for note in facts.notes where notes.insert(note).inserted { logger.notice("frame \(frame.number): \(note)") }
    record.warnings += facts.notes
    if let last = lastSize, last != (facts.width, facts.height) {
      let change = "the frame is \(facts.width) × \(facts.height), the one before \(last.width) × \(last.height)"
      logger.warning("frame \(frame.number): \(change)")
      record.warnings.append(change)
    }
    lastSize = (facts.width, facts.height)
    (record.pts, record.time) = (facts.pts, facts.seconds)
    return record
  }
}

extension SequenceRecord {
  /// Takes note of why the frame has no results.
  mutating func fail(_ failure: Failure) {
    logger.error("frame \(number): \(source ?? ""): \(failure.message)")
    (error, status) = (failure.message, failure.status.rawValue)
  }
}

import FrameSequences
import HumanParsing

/// What `m2fp sequence link` says of a shot: who is who in its frames.
struct SequenceLink: Codable, Sendable {
  struct Frame: Codable, Sendable {
    /// All that is known of the frame before its results are written.
    var record: SequenceRecord
    /// People of the shot up to this frame.
    var peopleCount: Int
  }

  var settings: SequenceSettings
  /// People of the whole shot.
  var peopleCount: Int
  /// Whether results may replace files that are there: those of an earlier run, or of others if the user says so.
  var replacesFiles: Bool
  var frames: [Frame]

  /// Numbers the people of the analyzed frames of a shot.
  ///
  /// - Throws: ``Failure``: no input for frames that are not analyzed, usage where that was done in another way.
  init(_ job: SequenceJob, _ stages: StageFolder, replacesFiles: Bool) throws(Failure) {
    settings = job.settings
    self.replacesFiles = replacesFiles
    let shot = job.run.frames
    var linked: [Frame] = []
    var tracker = ShotTracker<(record: SequenceRecord, sighting: FrameSighting?)>(ShotState(memory: settings.memory))
    func hand(_ ready: [ShotTracker<(record: SequenceRecord, sighting: FrameSighting?)>.Numbered]) {
      for numbered in ready {
        var record = numbered.frame.record
        if let sighting = numbered.frame.sighting { record.take(sighting, numbered.tracking) }
        linked.append(Frame(record: record, peopleCount: numbered.state.peopleCount))
      }
    }
    var recorder = SequenceRecorder()
    var holes: [Int] = []
    for index in 0..<shot.expectedCount {
      guard let frame = shot.frame(at: index) else { continue }
      guard let analysis = try stages.analysis(of: frame) else {
        holes.append(frame.number)
        continue
      }
      if let difference = analysis.difference(to: FrameAnalysis(job, at: index)) {
        throw Failure(
          .usage,
          "frame \(frame.number): expected that `m2fp sequence analyze` had the flags and frames of this command, found "
            + "\(difference); analyze it again")
      }
      var record = analysis.facts.map { recorder.record(frame, $0) } ?? SequenceRecord(frame)
      if let sighting = analysis.sighting {
        if shot.isAfterGap(index) { tracker.noteGap() }
        hand(tracker.add((record, sighting), sighting, number: frame.number))
      } else {
        record.fail(analysis.failure ?? Failure(.badData, "nothing is known of the frame"))
        hand(tracker.add(unknown: (record, nil)))
      }
    }
    guard holes.isEmpty else {
      throw Failure(
        .noInput,
        "\(stages.path): expected frames \(FrameRange(holes)), found that `m2fp sequence analyze` has not written them")
    }
    hand(tracker.finish())
    frames = linked
    peopleCount = linked.last?.peopleCount ?? 0
  }

  /// The file of a shot, and its digest.
  ///
  /// - Throws: ``Failure``: no input if there is none, usage if it was made in another way.
  static func read(_ job: SequenceJob, _ stages: StageFolder) throws(Failure) -> (link: SequenceLink, digest: String) {
    guard let (link, digest) = try stages.link() else {
      throw Failure(.noInput, "\(stages.path): expected link.json, found that `m2fp sequence link` has not written it")
    }
    let names = link.settings.differences(to: job.settings)
    guard names.isEmpty else {
      throw Failure(
        .usage,
        "expected the flags that `m2fp sequence link` had, found other \(names.joined(separator: ", ")); link again, or give "
          + "the same")
    }
    let frames = (0..<job.run.frames.expectedCount).compactMap(job.run.frames.frame)
    let isSame = link.frames.elementsEqual(frames) { linked, frame in
      linked.record.number == frame.number && linked.record.source == SequenceRecord(frame).source
    }
    guard isSame else {
      throw Failure(
        .usage, "expected the \(link.frames.count) frames that `m2fp sequence link` had, found others; link again")
    }
    return (link, digest)
  }
}

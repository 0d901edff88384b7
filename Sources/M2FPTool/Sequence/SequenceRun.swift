import EXRFiles
import FrameSequences
import HumanParsing
import ImageCoding
import Platform

/// The frames of a shot on their way from files to results. Decoding, the network, and the making and writing of results
/// run at the same time on different frames; a few frames are in memory, however many the shot has.
struct SequenceRun: Sendable {
  var frames: SequenceFrames
  let parser: HumanParser
  let reader: SequenceReader
  var writer: SequenceWriter
  let temporal: TemporalSmoothing

  /// A frame that is decoded.
  struct Decoded: Sendable {
    var index: Int
    var picture: Result<SequenceReader.Picture, Failure>
  }

  /// A frame that is parsed, while its people get their numbers.
  private struct Parsed: Sendable {
    var record: SequenceRecord
    /// `nil` for a frame that cannot be read.
    var content: (picture: SequenceReader.Picture, parsing: Parsing, sighting: FrameSighting)?
  }

  /// A frame whose results are to be written.
  private struct Written: Sendable {
    var index: Int
    var parsed: Parsed
    var tracking: Tracking
    var state: ShotState
    /// Sizes of the frames before; they get black mattes of people who appear in this one.
    var sizes: FrameSizes
  }

  /// Frames that wait between two steps.
  static let waitingFrames = 2
  static let mostWriters = 4

  /// Parses and writes the frames from `first` on, until the last, a signal, or a failure to write.
  ///
  /// - Parameters:
  ///   - state: What is known of the frames before.
  ///   - sizes: Sizes of the frames before.
  ///   - committer: Takes note of frames, and of a failure to write.
  /// - Returns: How the reading ended.
  func callAsFunction(
    from first: Int, state: ShotState, sizes: FrameSizes, _ committer: SequenceCommitter
  ) -> SequenceReader.End {
    let ending = Locked(SequenceReader.End())
    let decoded = BoundedQueue<Decoded>(capacity: Self.waitingFrames)
    let written = BoundedQueue<Written>(capacity: Self.waitingFrames)
    let isStopped = { @Sendable in Interrupt.isRequested || committer.failure != nil }
    let decoding = SystemThread {
      // Frames are smoothed with some of those before.
      let end = reader.read(frames, at: max(first - temporal.reach, 0)...) { index, picture in
        !isStopped() && decoded.add(Decoded(index: index, picture: picture))
      }
      ending.withLock { $0 = end }
      decoded.close()
    }
    let writing = (0..<min(parser.threads, Self.mostWriters)).compactMap { _ in
      SystemThread {
        while let job = written.take() { if !isStopped() { write(job, committer) } }
      }
    }
    if decoding == nil || writing.isEmpty {
      committer.fail(Failure(.softwareFault, "expected a thread of the system, which refuses to start one"))
      decoded.cancel()
    }
    parse(decoded, into: written, from: first, state: state, sizes: sizes, isStopped: isStopped) {
      ending.withLock { $0.count != nil }
    }
    decoded.cancel()
    if isStopped() { written.cancel() } else { written.close() }
    decoding?.join()
    for thread in writing { thread.join() }
    return ending.withLock { $0 }
  }

  private func parse(
    _ decoded: BoundedQueue<Decoded>, into written: BoundedQueue<Written>, from first: Int, state: ShotState,
    sizes: FrameSizes, isStopped: () -> Bool, isAtEnd: () -> Bool
  ) {
    var tracker = ShotTracker<Parsed>(state)
    var recorder = SequenceRecorder(after: sizes.last)
    var (sizes, next) = (sizes, first)
    func hand(_ ready: [ShotTracker<Parsed>.Numbered]) {
      for frame in ready {
        written.add(
          Written(index: next, parsed: frame.frame, tracking: frame.tracking, state: frame.state, sizes: sizes))
        sizes.add(frame.frame.content.map { ($0.parsing.width, $0.parsing.height) })
        next += 1
      }
    }
    func take(_ item: Decoded, _ parsing: Result<Parsing, Failure>) {
      guard item.index >= first, let frame = frames.frame(at: item.index) else { return }
      var record = SequenceRecord(frame)
      do throws(Failure) {
        let picture = try item.picture.get()
        record = recorder.record(frame, PictureFacts(picture))
        let parsing = try parsing.get()
        record.milliseconds = SequenceRecord.Milliseconds(decode: picture.milliseconds, parsing.timings)
        if frames.isAfterGap(item.index) { tracker.noteGap() }
        let sighting = FrameSighting(parsing, of: picture.photo.image)
        let content = Parsed(record: record, content: (picture, parsing, sighting))
        hand(tracker.add(content, sighting, number: frame.number))
      } catch {
        record.fail(error)
        hand(tracker.add(unknown: Parsed(record: record)))
      }
    }
    var smoothed = SmoothedFrames<Decoded>(temporal, of: parser)
    while !isStopped(), let item = decoded.take() {
      for ready in smoothed.add(item, item.picture, isAfterGap: frames.isAfterGap(item.index)) {
        take(ready.frame, ready.parsing)
      }
    }
    guard !isStopped(), isAtEnd() else { return }
    for ready in smoothed.finish() { take(ready.frame, ready.parsing) }
    hand(tracker.finish())
  }

  private func write(_ job: Written, _ committer: SequenceCommitter) {
    var record = job.parsed.record
    do {
      if let (picture, parsing, sighting) = job.parsed.content {
        let start = ContinuousClock.now
        record.take(sighting, job.tracking)
        record.outputs = try writer.write(record, picture, parsing, peopleCount: job.state.peopleCount)
        record.noteLackingLayers(writer)
        try fillEarlierFrames(before: job)
        record.milliseconds.results = (ContinuousClock.now - start) / .milliseconds(1)
      }
      committer.commit(job.index, record, state: job.state)
    } catch {
      let failure = Failure(error)
      committer.fail(Failure(failure.status, "frame \(record.number): \(failure.message)"))
    }
  }

  /// Writes black mattes of people who appear in a frame for all frames before, so that each folder has every frame.
  private func fillEarlierFrames(before job: Written) throws {
    guard !job.tracking.appearing.isEmpty, !writer.outputs.isDisjoint(with: [.people, .peopleParts]) else { return }
    try job.sizes.forEach { index, width, height in
      guard let digits = frames.frame(at: index)?.digits else { return }
      try writer.writeBlack(people: job.tracking.appearing, digits: digits, width: width, height: height)
    }
  }

  // MARK: Repair

  /// Writes the results of frames again that an earlier run took note of, until a signal.
  ///
  /// - Parameters:
  ///   - indices: Indices of the frames, ascending.
  ///   - records: What the earlier run said of all frames.
  ///   - peopleCount: People of the shot so far.
  /// - Throws: ``Failure``, bad data if a frame shows other people by now.
  func repair(_ indices: [Int], _ records: [SequenceRecord], peopleCount: Int) throws(Failure) {
    var failure: Failure?
    var repaired = 0
    let end = parse(only: indices) { item, parsing, _ in
      let record = records[item.index]
      logger.notice("frame \(record.number): its results are not whole, and made again")
      do throws(Failure) {
        let (picture, parsing) = (try item.picture.get(), try parsing.get())
        guard record.shows(parsing) else {
          throw Failure(.badData, "expected the picture of the earlier run, found another; run without --resume")
        }
        do { _ = try writer.write(record, picture, parsing, peopleCount: peopleCount) } catch { throw Failure(error) }
        repaired += 1
      } catch { failure = Failure(error.status, "frame \(record.number): \(error.message)") }
      return failure == nil
    }
    if let failure { throw failure }
    guard repaired < indices.count, !Interrupt.isRequested else { return }
    throw end.failure
      ?? Failure(
        .badData, "frame \(records[indices[repaired]].number): expected the frame of the earlier run, found none")
  }

  /// Parses some frames as a run over all frames does, until a signal.
  ///
  /// - Parameters:
  ///   - indices: Indices of the frames, ascending; those that they are smoothed with are read too.
  ///   - body: Takes each of the frames; false ends the reading.
  func parse(only indices: [Int], _ body: (SmoothedFrames<Decoded>.Parsed) -> Bool) -> SequenceReader.End {
    let wanted = Set(indices)
    var smoothed = SmoothedFrames<Decoded>(temporal, of: parser)
    var (last, goesOn) = (-1, true)
    func take(_ ready: [SmoothedFrames<Decoded>.Parsed]) {
      for frame in ready where goesOn && wanted.contains(frame.frame.index) { goesOn = body(frame) }
    }
    let end = reader.read(frames, at: withNeighbors(indices)) { index, picture in
      if Interrupt.isRequested { return false }
      if index > last + 1 { take(smoothed.finish()) }
      last = index
      take(smoothed.add(Decoded(index: index, picture: picture), picture, isAfterGap: frames.isAfterGap(index)))
      return goesOn
    }
    if goesOn, !Interrupt.isRequested { take(smoothed.finish()) }
    return end
  }

  /// Frames and those that they are smoothed with, ascending.
  private func withNeighbors(_ indices: [Int]) -> [Int] {
    Set(indices.flatMap { max($0 - temporal.reach, 0)...$0 + temporal.reach }).sorted()
  }
}

extension SequenceRecord {
  /// Whether a parsing is the one that the record tells of.
  func shows(_ parsing: Parsing) -> Bool {
    parsing.people.map(\.box) == people.map(\.box) && parsing.width == width && parsing.height == height
  }

  /// Warns of people who have no layer in the OpenEXR file.
  mutating func noteLackingLayers(_ writer: SequenceWriter) {
    warnings += writer.peopleWithoutLayer(people.map(\.number)).map {
      "person \($0) has no layer of their own in the OpenEXR file"
    }
  }
}

extension SequenceWriter {
  /// Writes the results of a frame whose people have their numbers.
  ///
  /// - Parameter peopleCount: People of the shot so far.
  /// - Returns: The files.
  /// - Throws: ``Failure``, `ImageCodingError` or `MaskMergingError`.
  func write(
    _ record: SequenceRecord, _ picture: SequenceReader.Picture, _ parsing: Parsing, peopleCount: Int
  ) throws -> [SequenceRecord.Output] {
    try write(
      Frame(
        digits: record.digits, photo: picture.photo, parsing: parsing,
        numbers: record.people.map(\.number), peopleCount: peopleCount))
  }
}

extension SequenceRecord.Milliseconds {
  /// - Parameter decode: Duration of the decoding.
  init(decode: Double, _ timings: Timings) {
    self.decode = decode
    network = timings.preprocess + timings.forward + timings.postprocess
  }
}

/// Sizes of the frames so far; frames of one size in a row take the memory of one.
struct FrameSizes: Sendable {
  private struct Run {
    var first: Int
    /// `nil` for frames that cannot be read.
    var size: (width: Int, height: Int)?
  }

  private var runs: [Run] = []
  private(set) var count = 0

  /// Size of the last frame that has one.
  var last: (width: Int, height: Int)? { runs.last { $0.size != nil }?.size }

  mutating func add(_ size: (width: Int, height: Int)?) {
    let isSame = runs.last.map { $0.size?.width == size?.width && $0.size?.height == size?.height } ?? false
    if !isSame { runs.append(Run(first: count, size: size)) }
    count += 1
  }

  /// Calls `body` with the index and size of each frame that has one.
  func forEach(_ body: (_ index: Int, _ width: Int, _ height: Int) throws -> Void) rethrows {
    for (place, run) in runs.enumerated() {
      guard let size = run.size else { continue }
      let end = place + 1 < runs.count ? runs[place + 1].first : count
      for index in run.first..<end { try body(index, size.width, size.height) }
    }
  }
}

import EXRFiles
import FrameSequences
import HumanParsing
import ImageCoding
import Platform

/// The frames of a shot on their way from files to results. Decoding, the network, and the making and writing of results
/// run at the same time on different frames; a few frames are in memory, however many the shot has.
struct SequenceRun: Sendable {
  let frames: SequenceFrames
  let parser: HumanParser
  let reader: SequenceReader
  let writer: SequenceWriter
  let temporal: TemporalSmoothing

  /// A frame that is decoded.
  private struct Decoded: Sendable {
    var index: Int
    var picture: Result<SequenceReader.Picture, Failure>
  }

  /// A frame that is parsed, while its people get their numbers.
  private struct Parsed: Sendable {
    var record: SequenceRecord
    /// `nil` for a frame that cannot be read.
    var content: (photo: Photo, parsing: Parsing)?
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
  private static let waitingFrames = 2
  private static let mostWriters = 4

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
    var (sizes, next, notes) = (sizes, first, Set<String>())
    func hand(_ ready: [ShotTracker<Parsed>.Numbered]) {
      for frame in ready {
        written.add(
          Written(index: next, parsed: frame.frame, tracking: frame.tracking, state: frame.state, sizes: sizes))
        sizes.add(frame.frame.content.map { ($0.parsing.width, $0.parsing.height) })
        next += 1
      }
    }
    var lastSize = sizes.last
    func take(_ item: Decoded, _ parsing: Result<Parsing, Failure>) {
      guard item.index >= first, let frame = frames.frame(at: item.index) else { return }
      var record = SequenceRecord(frame)
      do throws(Failure) {
        let picture = try item.picture.get()
        for note in picture.notes where notes.insert(note).inserted { logger.notice("frame \(frame.number): \(note)") }
        record.warnings += picture.notes
        if let last = lastSize, last != (picture.photo.width, picture.photo.height) {
          let change =
            "the frame is \(picture.photo.width) × \(picture.photo.height), the one before \(last.width) × \(last.height)"
          logger.warning("frame \(frame.number): \(change)")
          record.warnings.append(change)
        }
        lastSize = (picture.photo.width, picture.photo.height)
        (record.pts, record.time) = (picture.pts, picture.seconds)
        let parsing = try parsing.get()
        record.milliseconds.decode = picture.milliseconds
        record.milliseconds.network = parsing.timings.preprocess + parsing.timings.forward + parsing.timings.postprocess
        if isAfterGap(item.index) { tracker.noteGap() }
        let content = Parsed(record: record, content: (picture.photo, parsing))
        hand(tracker.add(content, image: picture.photo.image, parsing: parsing, number: frame.number))
      } catch {
        logger.error("frame \(frame.number): \(record.source ?? ""): \(error.message)")
        (record.error, record.status) = (error.message, error.status.rawValue)
        hand(tracker.add(unknown: Parsed(record: record)))
      }
    }
    var smoothed = SmoothedFrames<Decoded>(temporal, of: parser)
    while !isStopped(), let item = decoded.take() {
      for (item, parsing) in smoothed.add(item, item.picture, isAfterGap: isAfterGap(item.index)) {
        take(item, parsing)
      }
    }
    guard !isStopped(), isAtEnd() else { return }
    for (item, parsing) in smoothed.finish() { take(item, parsing) }
    hand(tracker.finish())
  }

  /// Whether the frame before is missing, so that the picture is not compared with another.
  private func isAfterGap(_ index: Int) -> Bool {
    guard index > 1, let frame = frames.frame(at: index)?.number, let last = frames.frame(at: index - 1)?.number,
      let other = frames.frame(at: index - 2)?.number
    else { return false }
    return frame - last > last - other
  }

  private func write(_ job: Written, _ committer: SequenceCommitter) {
    var record = job.parsed.record
    do {
      if let (photo, parsing) = job.parsed.content {
        let start = ContinuousClock.now
        record.take(parsing, job.tracking)
        let lacking = writer.peopleWithoutLayer(job.tracking.numbers)
        record.warnings += lacking.map { "person \($0) has no layer of their own in the OpenEXR file" }
        record.outputs = try writer.write(
          SequenceWriter.Frame(
            digits: record.digits, photo: photo, parsing: parsing,
            numbers: job.tracking.numbers,
            peopleCount: job.state.peopleCount))
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
    let damaged = Set(indices)
    var smoothed = SmoothedFrames<Decoded>(temporal, of: parser)
    var failure: Failure?
    var (repaired, last) = (0, -1)
    func take(_ frames: [SmoothedFrames<Decoded>.Parsed]) {
      for (item, parsing) in frames where damaged.contains(item.index) && failure == nil {
        let record = records[item.index]
        logger.notice("frame \(record.number): its results are not whole, and made again")
        do throws(Failure) {
          try repair(record, item.picture.get(), parsing.get(), peopleCount: peopleCount)
          repaired += 1
        } catch { failure = Failure(error.status, "frame \(record.number): \(error.message)") }
      }
    }
    let end = reader.read(frames, at: withNeighbors(indices)) { index, picture in
      if Interrupt.isRequested { return false }
      if index > last + 1 { take(smoothed.finish()) }
      last = index
      take(smoothed.add(Decoded(index: index, picture: picture), picture, isAfterGap: isAfterGap(index)))
      return failure == nil
    }
    if !Interrupt.isRequested { take(smoothed.finish()) }
    if let failure { throw failure }
    guard repaired < indices.count, !Interrupt.isRequested else { return }
    throw end.failure
      ?? Failure(
        .badData, "frame \(records[indices[repaired]].number): expected the frame of the earlier run, found none")
  }

  /// Frames and those that they are smoothed with, ascending.
  private func withNeighbors(_ indices: [Int]) -> [Int] {
    Set(indices.flatMap { max($0 - temporal.reach, 0)...$0 + temporal.reach }).sorted()
  }

  private func repair(
    _ record: SequenceRecord, _ picture: SequenceReader.Picture, _ parsing: Parsing, peopleCount: Int
  ) throws(Failure) {
    guard parsing.people.map(\.box) == record.people.map(\.box), parsing.width == record.width,
      parsing.height == record.height
    else {
      throw Failure(.badData, "expected the picture of the earlier run, found another; run without --resume")
    }
    do {
      _ = try writer.write(
        SequenceWriter.Frame(
          digits: record.digits, photo: picture.photo, parsing: parsing,
          numbers: record.people.map(\.number), peopleCount: peopleCount))
    } catch { throw Failure(error) }
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

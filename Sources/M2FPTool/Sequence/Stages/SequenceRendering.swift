import FrameSequences
import HumanParsing
import Platform

/// `m2fp sequence render`: the results of frames that are analyzed, with what is known of the whole shot.
struct SequenceRendering: Sendable {
  let job: SequenceJob
  let stages: StageFolder
  let link: SequenceLink
  /// Digest of the shot's file.
  let digest: String
  /// Whether what is written is a trial, of which nothing is noted.
  var isTrial = false

  private struct Shared {
    var failure: Failure?
    var done: Int
    var progress: SequenceProgress
  }

  /// Renders frames that are not rendered yet, until the last or a signal. Several are written at the same time.
  func callAsFunction(_ indices: [Int]) throws(Failure) -> ExitReason {
    let missing = indices.filter { isTrial || rendered(at: $0) == nil }
    if missing.count < indices.count {
      logger.notice("\(indices.count - missing.count) of \(indices.count) frames are there")
    }
    let before = indices.count - missing.count
    let shared = Locked(Shared(done: before, progress: SequenceProgress(total: indices.count, done: before)))
    let isStopped = { @Sendable in Interrupt.isRequested || shared.withLock { $0.failure != nil } }
    let queue = BoundedQueue<SequenceRun.Decoded>(capacity: SequenceRun.waitingFrames)
    let writing = (0..<min(job.run.parser.threads, SequenceRun.mostWriters)).compactMap { _ in
      SystemThread {
        while let item = queue.take() { if !isStopped() { render(item, shared) } }
      }
    }
    var end = SequenceReader.End()
    if writing.isEmpty {
      end.failure = Failure(.softwareFault, "expected a thread of the system, which refuses to start one")
    } else {
      end = job.run.reader.read(job.run.frames, at: missing) { index, picture in
        !isStopped() && queue.add(SequenceRun.Decoded(index: index, picture: picture))
      }
    }
    queue.close()
    for thread in writing { thread.join() }
    let (failure, done) = shared.withLock { shared in
      shared.progress.end()
      return (shared.failure ?? end.failure, shared.done)
    }
    if let failure { throw failure }
    return done < indices.count && Interrupt.isRequested ? stopped(done, indices.count) : .success
  }

  private func render(_ item: SequenceRun.Decoded, _ shared: Locked<Shared>) {
    do throws(Failure) {
      guard let frame = job.run.frames.frame(at: item.index) else { return }
      var rendered = RenderedFrame(link: digest, record: link.frames[item.index].record)
      if rendered.record.error == nil { try write(&rendered.record, frame, item) }
      if !isTrial { try stages.write(rendered, of: frame) }
      shared.withLock { shared in
        shared.done += 1
        shared.progress.note(done: shared.done, hasFailed: rendered.record.error != nil)
      }
    } catch {
      let number = link.frames[item.index].record.number
      let failure = Failure(error.status, "frame \(number): \(error.message)")
      shared.withLock { $0.failure = $0.failure ?? failure }
    }
  }

  private func write(
    _ record: inout SequenceRecord, _ frame: SequenceFrame, _ item: SequenceRun.Decoded
  ) throws(Failure) {
    let picture = try item.picture.get()
    guard let analysis = try stages.analysis(of: frame),
      analysis.difference(to: FrameAnalysis(job, at: item.index)) == nil
    else { throw Failure(.usage, "expected the frame as it was linked, found another analysis; link again") }
    let parser = job.run.parser
    let observation = picture.isBlack ? nil : try stages.observation(of: frame)
    do {
      let parsing =
        if let observation {
          try parser.parsing(of: observation, image: picture.photo.image)
        } else {
          try parser.emptyParsing(width: picture.photo.width, height: picture.photo.height)
        }
      guard record.shows(parsing) else {
        throw Failure(.badData, "expected the picture that was analyzed, found another; analyze and link again")
      }
      record.milliseconds = analysis.milliseconds
      let start = ContinuousClock.now
      let known = link.frames[item.index].peopleCount
      record.outputs = try job.run.writer.write(record, picture, parsing, peopleCount: known)
      record.noteLackingLayers(job.run.writer)
      // So that the mattes of people who appear later have every frame.
      try job.run.writer.writeBlack(
        people: people(after: known), digits: record.digits, width: parsing.width, height: parsing.height)
      record.milliseconds.results = (ContinuousClock.now - start) / .milliseconds(1)
    } catch { throw Failure(error) }
  }

  /// Numbers of the people who appear later than others of a number.
  private func people(after count: Int) -> [Int] { (count..<max(link.peopleCount, count)).map { $0 + 1 } }

  /// What was written of a frame, if all of it is there.
  func rendered(at index: Int) -> SequenceRecord? {
    guard let frame = job.run.frames.frame(at: index), let rendered = stages.rendered(frame), rendered.link == digest
    else {
      return nil
    }
    let (record, writer) = (rendered.record, job.run.writer)
    guard record.error == nil else { return record }
    let isWhole = record.outputs.allSatisfy { output in
      (try? FileSystem.byteCount(of: FilePath.join(job.folder, output.file))) == output.bytes
    }
    let later = people(after: link.frames[index].peopleCount).filter(writer.isSelected).flatMap(writer.personFolders)
    let hasPeople = later.allSatisfy { name in
      FilePath.isThere(FilePath.join(job.folder, SequenceFolder.file(name, digits: record.digits)), as: .file)
    }
    return isWhole && hasPeople ? record : nil
  }
}

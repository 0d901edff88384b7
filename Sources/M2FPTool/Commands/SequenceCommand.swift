import ArgumentParser
import HumanParsing
import Platform

/// `m2fp sequence`: mattes of the frames of a shot, at once or in stages.
struct SequenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sequence",
    abstract: "Make matte sequences of the frames of a shot, or of a video.",
    discussion: """
      m2fp sequence INPUT -o DIR does all on one machine; its options are those of `m2fp sequence run`. On a farm, \
      `analyze` and `render` share the frames among machines, and `link` and `merge` are small tasks after each.
      """,
    subcommands: [
      SequenceRunCommand.self, SequenceAnalyzeCommand.self, SequenceLinkCommand.self, SequenceRenderCommand.self,
      SequenceMergeCommand.self,
    ],
    defaultSubcommand: SequenceRunCommand.self)
}

/// `m2fp sequence run`: mattes of the frames of a shot, on one machine.
struct SequenceRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Make the mattes of a shot on one machine.",
    discussion: """
      For shot.1001.png it writes DIR/person/person.1001.png, DIR/hair/hair.1001.png and so on, one folder for each \
      matte, and DIR/sequence.json, which says who is where. People keep their numbers over the whole shot. Every file \
      appears whole or not at all. Ctrl-C and SIGTERM stop after the current frame; the same command with --resume goes \
      on from there. Videos need ffmpeg and ffprobe on the PATH.
      """)

  @OptionGroup var options: SequenceOptions

  @Flag(help: "Go on where an earlier run with the same settings ended.")
  var resume = false

  @Flag(help: ArgumentHelp("\(SequenceEstimate.help)"))
  var estimate = false

  func run() throws {
    try exiting { () throws(Failure) in
      let start = ContinuousClock.now
      var job = try options.job()
      if estimate { return try SequenceEstimate(start).ofRun(job) }
      let lock = try job.lockFolder()
      defer { withExtendedLifetime(lock) {} }
      // Looked at under the lock: what another run writes until this one has it must not count as somebody else's.
      job.replaceFiles(options.overwrite ? true : try hasEarlierRun(job.folder))
      Interrupt.watch()
      return try process(job)
    }
  }

  /// Whether an earlier run wrote into the folder. What is there for `--resume` to go on from is looked at by that.
  private func hasEarlierRun(_ folder: String) throws(Failure) -> Bool {
    do { return try SequenceJournal.isThere(in: folder) } catch {
      if resume { return true }
      throw error
    }
  }

  private func process(_ job: SequenceJob) throws(Failure) -> ExitReason {
    let (folder, run, settings, videos) = (job.folder, job.run, job.settings, job.videos)
    let count = run.frames.expectedCount
    let earlier =
      resume
      ? try SequenceResumption(in: folder, settings: settings, frames: run.frames, writer: run.writer) : nil
    if resume { SequenceResumption.removeTemporaries(in: folder, run.writer) }
    var (sizes, summary) = (FrameSizes(), ShotSummary())
    for record in earlier?.records ?? [] {
      sizes.add(record.error == nil ? (record.width, record.height) : nil)
      summary.add(record)
    }
    if let earlier {
      logger.notice("\(earlier.records.count) of \(max(count, earlier.records.count)) frames are there")
      try run.repair(earlier.damaged, earlier.records, peopleCount: earlier.peopleCount)
      if Interrupt.isRequested { return report(ShotSummary(), done: 0, of: count, isComplete: false) }
      if earlier.state == nil {
        try videos.write(run.frames, keepsWhole: earlier.damaged.isEmpty)
        return report(
          summary, done: earlier.records.count, of: count, isComplete: true)
      }
    }
    let journal: SequenceJournal
    if let earlier, let state = earlier.state {
      journal = try SequenceJournal(in: folder, settings: settings, after: state, earlier.records)
    } else {
      journal = try SequenceJournal(in: folder, settings: settings)
    }
    let committer = SequenceCommitter(
      journal, first: sizes.count, progress: SequenceProgress(total: max(count, sizes.count), done: sizes.count))
    let state = earlier?.state?.shot ?? ShotState(memory: settings.memory)
    let end = run(from: sizes.count, state: state, sizes: sizes, committer)
    let done: Int
    (summary, done) = try committer.finish(frames: end.count)
    let failures = [committer.failure, end.failure].compactMap { $0 }
    for failure in failures { logger.error("\(failure.message)") }
    let isComplete = done == end.count && committer.failure == nil
    if isComplete { try videos.write(run.frames, keepsWhole: false) }
    let reason = report(summary, done: done, of: max(count, done), isComplete: isComplete)
    // A signal says how to go on, whatever else there was.
    return Interrupt.isRequested ? reason : failures.reduce(reason) { max($0, $1.status) }
  }

  /// Logs who is in the shot, what is to be looked at, and how to go on.
  private func report(_ summary: ShotSummary, done: Int, of count: Int, isComplete: Bool) -> ExitReason {
    for line in summary.lines { logger.notice("\(line)") }
    guard !isComplete || Interrupt.isRequested else { return summary.worst }
    logger.notice("\(done) of \(count) frames are done; the same command with --resume goes on from here.")
    guard Interrupt.isRequested else { return summary.worst }
    return .stopped
  }
}

extension ShotSummary {
  /// Most frames to look at that are listed.
  private static let mostReviewed = 12

  /// The shot in lines for people.
  var lines: [String] {
    var lines = ["\(parsed) parsed" + (failed > 0 ? ", \(failed) failed" : "")]
    lines += people.map { person in
      let score = String((person.meanScore * 100).rounded() / 100)
      return
        "person \(person.number): frames \(person.first) to \(person.last), \(person.frames) of them, score \(score)"
    }
    let others = review.filter { !$0.reasons.isEmpty }
    lines += others.prefix(Self.mostReviewed).map { "frame \($0.frame): \($0.reasons.joined(separator: ", "))" }
    if others.count > Self.mostReviewed {
      lines.append("\(others.count - Self.mostReviewed) more frames to look at are in sequence.json")
    }
    return lines
  }
}

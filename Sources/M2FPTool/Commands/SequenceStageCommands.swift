import ArgumentParser
import FrameSequences
import HumanParsing
import Platform

/// The frames that one task of a farm is given.
struct StageOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Frames of the shot that this task does, such as 1001-1020; all if absent. --frames says which the shot has.",
      valueName: "list"))
  var only: FrameRangeArgument?

  @Flag(help: ArgumentHelp("\(SequenceEstimate.help)"))
  var estimate = false

  func indices(of job: SequenceJob) throws(Failure) -> [Int] {
    let indices = job.run.frames.indices(of: only?.range)
    if indices.isEmpty { logger.notice("none of the frames of --only is one of the shot's") }
    return indices
  }
}

extension SequenceOptions {
  /// What the command line asks for, and the folder of what the stages hand on.
  ///
  /// - Throws: ``Failure`` (usage) for a video whose frames are known only at its end.
  fileprivate func stages() throws(Failure) -> (job: SequenceJob, stages: StageFolder) {
    let job = try job()
    guard job.run.frames.isSettled else {
      throw Failure(
        .usage,
        "--frames: expected the frames of the video without --missing skip, as each task must know where it ends")
    }
    return (job, StageFolder(in: job.folder))
  }
}

/// `m2fp sequence analyze`: what is seen in frames.
struct SequenceAnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "First stage on a farm: pass frames through the network.",
    discussion: """
      Tasks may run at the same time, each with frames of its own. Every stage gets the same flags. Frames that are \
      analyzed already stay, so that a task may be started again at any time.
      """)

  @OptionGroup var options: SequenceOptions
  @OptionGroup var stage: StageOptions

  func run() throws {
    try exiting { () throws(Failure) in
      let start = ContinuousClock.now
      let (job, stages) = try options.stages()
      let indices = try stage.indices(of: job)
      if stage.estimate { return try SequenceEstimate(start).ofAnalysis(job, indices) }
      let lock = try job.lockFolder(isShared: true)
      defer { withExtendedLifetime(lock) {} }
      try stages.prepare()
      Interrupt.watch()
      return try SequenceAnalysis(job: job, stages: stages)(indices)
    }
  }
}

/// `m2fp sequence link`: who is who in a shot.
struct SequenceLinkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "link",
    abstract: "Second stage on a farm: give the people of the whole shot their numbers.",
    discussion: "One small task, once all frames are analyzed. Flags are the same as for the other stages.")

  @OptionGroup var options: SequenceOptions

  func run() throws {
    try exiting { () throws(Failure) in
      let (job, stages) = try options.stages()
      let lock = try job.lockFolder()
      defer { withExtendedLifetime(lock) {} }
      let earlier = try stages.link()
      let hasManifest = options.overwrite ? true : try SequenceJournal.isThere(in: job.folder)
      let link = try SequenceLink(job, stages, replacesFiles: hasManifest || earlier != nil)
      for line in link.summary.lines { logger.notice("\(line)") }
      if let earlier {
        var same = link
        same.replacesFiles = earlier.link.replacesFiles
        // A task that is started again changes nothing, so that what is rendered stays.
        if try failing({ try JSONText.data(same) == JSONText.data(earlier.link) }) { return .success }
      } else if !link.replacesFiles {
        try job.run.writer.checkFree(people: link.peopleCount)
      }
      try stages.write(link)
      SequenceJournal.remove(in: job.folder)
      return .success
    }
  }
}

/// `m2fp sequence render`: the results of frames.
struct SequenceRenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Third stage on a farm: write the mattes of frames.",
    discussion: """
      Tasks may run at the same time, each with frames of its own, once the shot is linked. Frames that are rendered \
      already stay, so that a task may be started again at any time.
      """)

  @OptionGroup var options: SequenceOptions
  @OptionGroup var stage: StageOptions

  func run() throws {
    try exiting { () throws(Failure) in
      let start = ContinuousClock.now
      var (job, stages) = try options.stages()
      let indices = try stage.indices(of: job)
      let (link, digest) = try SequenceLink.read(job, stages)
      if stage.estimate {
        return try SequenceEstimate(start).ofRendering(job, stages, link, indices)
      }
      let lock = try job.lockFolder(isShared: true)
      defer { withExtendedLifetime(lock) {} }
      // The one task that links has looked for files of others.
      job.replaceFiles(true)
      Interrupt.watch()
      return try SequenceRendering(job: job, stages: stages, link: link, digest: digest)(indices)
    }
  }
}

/// `m2fp sequence merge`: the manifest of a shot.
struct SequenceMergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Last stage on a farm: check that all is there, and write sequence.json and videos.",
    discussion:
      "One small task, once all frames are rendered. Frames that are not are listed, and nothing is written then.")

  @OptionGroup var options: SequenceOptions

  @Flag(help: "Remove what the stages handed on, once all is there.")
  var clean = false

  func run() throws {
    try exiting { () throws(Failure) in
      var (job, stages) = try options.stages()
      let lock = try job.lockFolder()
      defer { withExtendedLifetime(lock) {} }
      if try stages.link() == nil, let earlier = try SequenceJournal.earlier(in: job.folder), earlier.isComplete,
        earlier.settings == job.settings
      {
        logger.notice("\(job.folder): the shot is merged already")
        return .success
      }
      let (link, digest) = try SequenceLink.read(job, stages)
      let rendering = SequenceRendering(job: job, stages: stages, link: link, digest: digest)
      let records = link.frames.indices.map(rendering.rendered)
      let holes = records.indices.filter { records[$0] == nil }.map { link.frames[$0].record.number }
      guard holes.isEmpty else {
        throw Failure(
          .noInput,
          "\(job.folder): expected the results of all frames, found that `m2fp sequence render` has not written "
            + "\(FrameRange(holes)), or for another link.json")
      }
      Interrupt.watch()
      let isOwn = options.overwrite || link.replacesFiles
      job.replaceFiles(isOwn ? true : try SequenceJournal.isThere(in: job.folder))
      var summary = ShotSummary()
      for record in records.compactMap(\.self) { summary.add(record) }
      SequenceResumption.removeTemporaries(in: job.folder, job.run.writer)
      try SequenceJournal.write(records.compactMap(\.self), summary, settings: job.settings, in: job.folder)
      try job.videos.write(job.run.frames, keepsWhole: false)
      for line in summary.lines { logger.notice("\(line)") }
      if Interrupt.isRequested { return .stopped }
      if clean { stages.remove() }
      logger.notice("Progress: 100%")
      return summary.worst
    }
  }
}

extension SequenceLink {
  /// The shot as far as it is known before its results are written.
  fileprivate var summary: ShotSummary {
    var summary = ShotSummary()
    for frame in frames { summary.add(frame.record) }
    return summary
  }
}

private func failing<Value>(_ body: () throws -> Value) throws(Failure) -> Value {
  do { return try body() } catch { throw Failure(error) }
}

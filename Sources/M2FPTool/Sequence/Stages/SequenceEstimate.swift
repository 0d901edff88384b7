import Foundation
import HumanParsing
import Platform

/// The memory and the time that a command takes, for a scheduler: measured on the first frames, whose results go to a
/// temporary folder.
struct SequenceEstimate {
  static let help = "Print the most memory and the time that this takes, measured on its first frames, and end."

  private static let mostFrames = 8
  private let start: ContinuousClock.Instant

  /// - Parameter start: When the program started.
  init(_ start: ContinuousClock.Instant) { self.start = start }

  /// Estimates a run on one machine, without videos of its mattes.
  func ofRun(_ job: SequenceJob) throws(Failure) -> ExitReason {
    let count = job.run.frames.expectedCount
    return try measured(job, count) { (job, measured) throws(Failure) in
      job.run.frames = job.run.frames.prefix(measured)
      let committer = SequenceCommitter(
        try SequenceJournal(in: job.folder, settings: job.settings), first: 0,
        progress: SequenceProgress(total: measured, done: 0))
      let end = job.run(
        from: 0, state: ShotState(memory: job.settings.memory), sizes: FrameSizes(), committer)
      if let failure = committer.failure ?? end.failure { throw failure }
    }
  }

  func ofAnalysis(_ job: SequenceJob, _ indices: [Int]) throws(Failure) -> ExitReason {
    try measured(job, indices.count) { (job, measured) throws(Failure) in
      let stages = StageFolder(in: job.folder)
      try stages.prepare()
      _ = try SequenceAnalysis(job: job, stages: stages)(Array(indices.prefix(measured)))
    }
  }

  func ofRendering(
    _ job: SequenceJob, _ stages: StageFolder, _ link: SequenceLink, _ indices: [Int]
  ) throws(Failure) -> ExitReason {
    try measured(job, indices.count) { (job, measured) throws(Failure) in
      let rendering = SequenceRendering(job: job, stages: stages, link: link, digest: "", isTrial: true)
      _ = try rendering(Array(indices.prefix(measured)))
    }
  }

  private func measured(
    _ job: SequenceJob, _ count: Int, _ work: (inout SequenceJob, _ measured: Int) throws(Failure) -> Void
  ) throws(Failure) -> ExitReason {
    Interrupt.watch()
    let folder = FilePath.join(
      NSTemporaryDirectory(), "m2fp-estimate-\(String(UInt64.random(in: .min ... .max), radix: 36))")
    try ResultFolder.prepare(folder)
    defer { FileSystem.removeTree(folder) }
    let measured = min(count, Self.mostFrames)
    let ready = ContinuousClock.now
    var job = job
    job.move(to: folder)
    try work(&job, measured)
    if Interrupt.isRequested { return .signalled }
    let (begin, each) = ((ready - start) / .seconds(1), (ContinuousClock.now - ready) / .seconds(max(measured, 1)))
    logger.notice(
      "\(measured) of \(count) frames were measured, on \(job.run.parser.threads) threads: \(Self.text(begin)) s to start, \(Self.text(each)) s a frame"
    )
    let (memory, time) = (ProcessMemory.peak >> 20 + 1, Int((begin + each * Double(count)).rounded(.up)))
    try StandardStream.writeResult("memory: \(memory) MiB\ntime: \(time) s")
    return .success
  }

  private static func text(_ seconds: Double) -> String { String((seconds * 100).rounded() / 100) }
}

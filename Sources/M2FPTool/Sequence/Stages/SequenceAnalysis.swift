import HumanParsing
import Platform

/// `m2fp sequence analyze`: what is seen in frames, one file a frame. A frame's file depends on the frames that it is
/// smoothed with and on nothing else, so that nobody can tell which frames a machine was given.
struct SequenceAnalysis {
  let job: SequenceJob
  let stages: StageFolder

  /// Analyzes frames that are not analyzed yet, until the last or a signal.
  ///
  /// - Returns: The worst status of a frame that cannot be read.
  func callAsFunction(_ indices: [Int]) throws(Failure) -> ExitReason {
    let missing = indices.filter { !isAnalyzed($0) }
    if missing.count < indices.count {
      logger.notice("\(indices.count - missing.count) of \(indices.count) frames are there")
    }
    var done = indices.count - missing.count
    var progress = SequenceProgress(total: indices.count, done: done)
    var worst = ExitReason.success
    var failure: Failure?
    let end = job.run.parse(only: missing) { item, parsing, observation in
      guard let frame = job.run.frames.frame(at: item.index) else { return false }
      let analysis = analysis(of: item, parsing)
      do throws(Failure) { try stages.write(analysis, observation, of: frame) } catch {
        failure = error
        return false
      }
      if let failure = analysis.failure {
        logger.error("frame \(frame.number): \(failure.message)")
        worst = max(worst, failure.status)
      }
      done += 1
      progress.note(done: done, hasFailed: analysis.error != nil)
      return true
    }
    progress.end()
    if let failure { throw failure }
    if done < indices.count, Interrupt.isRequested { return stopped(done, indices.count) }
    if let failure = end.failure { throw failure }
    return worst
  }

  private func isAnalyzed(_ index: Int) -> Bool {
    guard let frame = job.run.frames.frame(at: index), let analysis = try? stages.analysis(of: frame) else {
      return false
    }
    return analysis.error == nil && analysis.difference(to: FrameAnalysis(job, at: index)) == nil
  }

  private func analysis(of item: SequenceRun.Decoded, _ parsing: Result<Parsing, Failure>) -> FrameAnalysis {
    var analysis = FrameAnalysis(job, at: item.index)
    do throws(Failure) {
      let picture = try item.picture.get()
      analysis.facts = PictureFacts(picture)
      let parsing = try parsing.get()
      analysis.milliseconds = SequenceRecord.Milliseconds(decode: picture.milliseconds, parsing.timings)
      analysis.sighting = FrameSighting(parsing, of: picture.photo.image)
    } catch { (analysis.error, analysis.status) = (error.message, error.status.rawValue) }
    return analysis
  }
}

/// Says that a stage was stopped, and returns its status.
func stopped(_ done: Int, _ count: Int) -> ExitReason {
  logger.notice("\(done) of \(count) frames are done; the same command goes on from here.")
  return .stopped
}

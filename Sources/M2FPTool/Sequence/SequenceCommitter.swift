import HumanParsing
import Platform

/// Takes note of frames in their order, whatever the order in which several threads write their results.
final class SequenceCommitter: Sendable {
  private struct Shared {
    var journal: SequenceJournal
    /// Index of the next frame.
    var next: Int
    /// Frames that are written before their turn.
    var waiting: [Int: (record: SequenceRecord, state: ShotState)] = [:]
    var failure: Failure?
    var progress: SequenceProgress
  }

  private let shared: Locked<Shared>

  /// - Parameters:
  ///   - journal: The files to take note in; nobody else uses them until ``finish(isComplete:)``.
  ///   - first: Index of the first frame to come.
  init(_ journal: sending SequenceJournal, first: Int, progress: SequenceProgress) {
    shared = Locked(Shared(journal: journal, next: first, progress: progress))
  }

  /// The first failure to write anything, after which no frame counts.
  var failure: Failure? { shared.withLock { $0.failure } }

  func commit(_ index: Int, _ record: SequenceRecord, state: ShotState) {
    shared.withLock { shared in
      shared.waiting[index] = (record, state)
      while shared.failure == nil, let (record, state) = shared.waiting.removeValue(forKey: shared.next) {
        do throws(Failure) {
          try shared.journal.append(record, state: state)
          shared.next += 1
          shared.progress.note(done: shared.next, hasFailed: record.error != nil)
        } catch {
          shared.failure = error
        }
      }
    }
  }

  func fail(_ failure: Failure) { shared.withLock { $0.failure = $0.failure ?? failure } }

  /// Writes the manifest.
  ///
  /// - Parameter frames: Number of frames of the shot; `nil` if its end was not reached.
  /// - Returns: The shot as a whole, and the number of frames in the manifest.
  func finish(frames: Int?) throws(Failure) -> (summary: ShotSummary, done: Int) {
    try shared.withLock { (shared) throws(Failure) in
      shared.progress.end()
      try shared.journal.finish(isComplete: shared.next == frames && shared.failure == nil)
      return (shared.journal.summary, shared.next)
    }
  }
}

/// Progress of a run: a bar on a terminal, and lines such as `Progress: 42%` elsewhere, which render farms read.
struct SequenceProgress: Sendable {
  private var line: ProgressLine
  private let start = ContinuousClock.now
  private var percent: Int
  private let console: Console

  /// - Parameters:
  ///   - total: Frames of the shot, as far as is known.
  ///   - done: Frames of earlier runs.
  init(total: Int, done: Int, console: Console = .shared) {
    line = ProgressLine(total: total)
    line.done = done
    percent = Self.percent(done, of: total)
    self.console = console
    console.show(line)
  }

  private static func percent(_ done: Int, of total: Int) -> Int { total > 0 ? min(100 * done / total, 100) : 100 }

  mutating func note(done: Int, hasFailed: Bool) {
    line.worked += done - line.done
    line.done = done
    // A video may have more frames than it says.
    line.total = max(line.total, done)
    if hasFailed { line.failed += 1 }
    line.elapsedSeconds = (ContinuousClock.now - start) / .seconds(1)
    console.show(line)
    let percent = Self.percent(done, of: line.total)
    if percent > self.percent, !console.isTerminal { console.message("Progress: \(percent)%") }
    self.percent = percent
  }

  func end() { console.clearProgress() }
}

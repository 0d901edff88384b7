import DequeModule
package import Foundation
import HumanParsing
import NIOConcurrencyHelpers
import NIOPosix

/// The network behind the service: a bounded queue before threads of its own, and the answers of late.
///
/// Requests for the same picture and options that meet are computed once. Whoever leaves - the deadline has passed, the
/// client has gone - gives up its place; a picture for which nobody waits is not started, and one that runs is dropped
/// at the next stage of the network.
package final class ParsingEngine: Sendable {
  package struct Statistics: Sendable, Equatable {
    package var waiting = 0
    package var running = 0
    package var cachedAnswers = 0
    package var cachedBytes = 0
    package var evictions = 0
    package var hits = 0
    package var joined = 0
    package var parsed = 0
    package var failed = 0
    package var abandoned = 0
    package var refused = 0
    package var timedOut = 0
  }

  private struct State {
    /// Not started, first come first served.
    var queue = Deque<ParseJob>()
    /// Queued or running, with those who wait; jobs that were abandoned are not among them.
    var jobs: [ParseKey: (job: ParseJob, waiters: [ObjectIdentifier: Waiter<ParseJob.Answer>])] = [:]
    var cache: AnswerCache<ParseKey>
    var statistics = Statistics()
    /// Of the last pictures, to tell clients when to come back.
    var secondsEach = 0.2
  }

  package typealias Work =
    @Sendable (_ image: Data, _ options: ParseOptions, _ context: WorkContext) throws ->
    ParseAnswer

  /// How a picture is to be worked on.
  package struct WorkContext {
    /// Threads that this picture may take.
    package let threads: Int
    /// To be called between steps; throws where nobody waits any more.
    package let check: () throws -> Void

    package init(threads: Int, check: @escaping () throws -> Void) {
      self.threads = threads
      self.check = check
    }
  }

  /// Unless told otherwise: each picture that is worked on has its own working memory.
  private static let mostConcurrent = 4

  private let work: Work
  private let threads: Int
  private let concurrency: Int
  private let queueLength: Int
  private let state: NIOLockedValueBox<State>
  private let pool: NIOThreadPool

  /// - Parameters:
  ///   - threads: For all pictures together.
  ///   - limits: Queue, concurrency and cache.
  ///   - work: Computes an answer; it is called on the engine's own threads.
  package init(threads: Int, limits: ServiceLimits, work: @escaping Work) {
    self.work = work
    self.threads = max(threads, 1)
    concurrency = max(limits.concurrency ?? min(threads, Self.mostConcurrent), 1)
    queueLength = max(limits.queueLength, 1)
    state = NIOLockedValueBox(State(cache: AnswerCache(capacity: limits.cacheBytes)))
    pool = NIOThreadPool(numberOfThreads: concurrency)
    pool.start()
  }

  package var statistics: Statistics {
    state.withLockedValue { state in
      var result = state.statistics
      result.waiting = state.queue.count
      result.cachedAnswers = state.cache.count
      result.cachedBytes = state.cache.byteCount
      result.evictions = state.cache.evictions
      return result
    }
  }

  /// Ends the threads; what waits is told.
  package func stop() {
    let waiters = state.withLockedValue { state in
      state.queue.removeAll()
      defer { state.jobs.removeAll() }
      return state.jobs.values.flatMap { entry in
        entry.job.abandon()
        return entry.waiters.values
      }
    }
    for waiter in waiters { waiter.finish(.failure(ServiceError(.notReady, "the service is shutting down"))) }
    pool.shutdownGracefully(queue: .global()) { _ in }
  }

  // MARK: Asking

  /// The answer for a picture.
  ///
  /// - Parameters:
  ///   - image: The bytes of a picture file.
  ///   - key: Of these bytes.
  ///   - time: How long the answer may take.
  ///   - client: Whose departure ends the wait.
  /// - Throws: `ServiceError`.
  package func answer(
    for image: Data, key: ParseKey, within time: Duration, client: Connection?
  ) async throws -> (answer: ParseAnswer, cached: Bool) {
    let waiter = Waiter<ParseJob.Answer>()
    switch enter(image, key, waiter) {
    case .answered(let answer): return (answer, true)
    case .refused(let seconds):
      throw ServiceError(
        .overloaded, "\(queueLength) pictures wait already, which is all that the queue holds", retryAfter: seconds)
    case .entered: break
    }
    let expiry = Task { [weak self] in
      try await Task.sleep(for: time)
      self?.leave(
        waiter, key, ServiceError(.timeout, "no answer was ready within \(time.components.seconds) s", retryAfter: 1))
    }
    defer { expiry.cancel() }
    client?.whenGone { [weak self] in
      self?.leave(waiter, key, ServiceError(.clientLeft, "the client closed the connection"))
    }
    defer { client?.forget() }
    return try await withTaskCancellationHandler {
      try await waiter.value()
    } onCancel: {
      leave(waiter, key, ServiceError(.notReady, "the service is shutting down"))
    }
  }

  private enum Entry {
    case answered(ParseAnswer)
    case refused(retryAfter: Int)
    case entered
  }

  private func enter(_ image: Data, _ key: ParseKey, _ waiter: Waiter<ParseJob.Answer>) -> Entry {
    let (entry, isNew) = state.withLockedValue { state -> (Entry, Bool) in
      if let answer = state.cache.answer(for: key) {
        state.statistics.hits += 1
        return (.answered(answer), false)
      }
      if state.jobs[key] != nil {
        state.jobs[key]?.waiters[ObjectIdentifier(waiter)] = waiter
        state.statistics.joined += 1
        return (.entered, false)
      }
      guard state.queue.count < queueLength else {
        state.statistics.refused += 1
        let seconds = state.secondsEach * Double(state.queue.count) / Double(concurrency)
        return (.refused(retryAfter: Int(min(max(seconds.rounded(.up), 1), 60))), false)
      }
      let job = ParseJob(key: key, image: image)
      state.jobs[key] = (job, [ObjectIdentifier(waiter): waiter])
      state.queue.append(job)
      return (.entered, true)
    }
    if isNew { pool.submit { [weak self] in if $0 == .active { self?.runNext() } } }
    return entry
  }

  private func leave(_ waiter: Waiter<ParseJob.Answer>, _ key: ParseKey, _ error: ServiceError) {
    guard waiter.finish(.failure(error)) else { return }
    state.withLockedValue { state in
      if error.code == .timeout { state.statistics.timedOut += 1 }
      guard var entry = state.jobs[key], entry.waiters.removeValue(forKey: ObjectIdentifier(waiter)) != nil else {
        return
      }
      guard entry.waiters.isEmpty else {
        state.jobs[key] = entry
        return
      }
      entry.job.abandon()
      state.jobs[key] = nil
      state.statistics.abandoned += 1
      state.queue.removeAll { $0 === entry.job }
    }
  }

  // MARK: Working

  /// Runs the job that waits longest, if one is left: each call was caused by one job, which may be gone by now.
  private func runNext() {
    let next = state.withLockedValue { state -> (job: ParseJob, threads: Int)? in
      guard let job = state.queue.popFirst() else { return nil }
      state.statistics.running += 1
      // Pictures beside each other need fewer threads each, and waste less time on waiting for one another.
      let beside = min(state.statistics.running + state.queue.count, concurrency)
      return (job, max(threads / beside, 1))
    }
    guard let (job, threads) = next else { return }
    let start = ContinuousClock.now
    let context = WorkContext(threads: threads, check: job.check)
    let result = Result { try work(job.image, job.key.options, context) }
    finish(job, result, seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  private func finish(_ job: ParseJob, _ result: Result<ParseAnswer, any Error>, seconds: Double) {
    let waiters = state.withLockedValue { state -> [Waiter<ParseJob.Answer>] in
      state.statistics.running -= 1
      if case .success(let answer) = result {
        state.statistics.parsed += 1
        state.secondsEach += (seconds - state.secondsEach) / 8
        state.cache.store(answer, for: job.key)
      } else if !job.isAbandoned {
        state.statistics.failed += 1
      }
      guard state.jobs[job.key]?.job === job else { return [] }
      return state.jobs.removeValue(forKey: job.key).map { Array($0.waiters.values) } ?? []
    }
    for waiter in waiters { waiter.finish(result.map { ($0, false) }) }
  }
}

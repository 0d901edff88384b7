import DequeModule
package import Foundation
import HumanParsing
import NIOPosix
import Platform

/// The network behind the service: a bounded queue, worker threads, and a cache of responses.
///
/// Concurrent requests with the same key are computed once. A request stops waiting when its deadline passes or its client
/// disconnects. A job that no request waits for is removed from the queue, or, if it runs, cancelled at the next stage of
/// the network.
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
    /// Jobs that have not started, first in, first out.
    var queue = Deque<ParseJob>()
    /// Queued and running jobs with the requests that wait for them, without abandoned jobs.
    var jobs: [ParseKey: (job: ParseJob, waiters: [ObjectIdentifier: Waiter<ParseJob.Answer>])] = [:]
    var cache: ResponseCache<ParseKey>
    var statistics = Statistics()
    /// Moving average of the seconds that a picture takes, for `Retry-After`.
    var averageSeconds = 0.2
  }

  /// Computation of a response from the bytes of a picture.
  package typealias Work =
    @Sendable (_ image: Data, _ options: ParseOptions, _ context: WorkContext) throws -> EncodedResponse

  /// The resources of one computation.
  package struct WorkContext: Sendable {
    /// Number of threads to use.
    package let threads: Int
    /// Cancellation check, to be called between steps; throws if no request waits any more.
    package let check: @Sendable () throws -> Void

    package init(threads: Int, check: @escaping @Sendable () throws -> Void) {
      self.threads = threads
      self.check = check
    }
  }

  /// Default limit of pictures that are parsed at the same time, each of which has its own workspace.
  private static let maximumConcurrency = 4

  private let work: Work
  private let threads: Int
  private let concurrency: Int
  private let queueLength: Int
  private let state: Locked<State>
  private let pool: NIOThreadPool

  /// - Parameters:
  ///   - threads: Number of threads for all pictures together.
  ///   - limits: Limits of queue, concurrency and cache.
  ///   - work: Computation of a response, called on the engine's own threads.
  package init(threads: Int, limits: ServiceLimits, work: @escaping Work) {
    self.work = work
    self.threads = max(threads, 1)
    concurrency = max(limits.concurrency ?? min(threads, Self.maximumConcurrency), 1)
    queueLength = max(limits.queueLength, 1)
    state = Locked(State(cache: ResponseCache(capacity: limits.cacheBytes)))
    pool = NIOThreadPool(numberOfThreads: concurrency)
    pool.start()
  }

  package var statistics: Statistics {
    state.withLock { state in
      var result = state.statistics
      result.waiting = state.queue.count
      result.cachedAnswers = state.cache.count
      result.cachedBytes = state.cache.byteCount
      result.evictions = state.cache.evictions
      return result
    }
  }

  /// Stops the threads; waiting requests fail with `notReady`.
  package func stop() {
    let waiters = state.withLock { state in
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

  // MARK: Requests

  /// The response for a picture, from the cache or computed.
  ///
  /// - Parameters:
  ///   - image: The bytes of a picture file.
  ///   - key: The key of these bytes and the request's options.
  ///   - time: Time limit.
  ///   - client: The client's connection, whose closing ends the wait.
  /// - Throws: `ServiceError`.
  package func response(
    for image: Data, key: ParseKey, within time: Duration, client: Connection?
  ) async throws -> (response: EncodedResponse, cached: Bool) {
    let waiter = Waiter<ParseJob.Answer>()
    switch enter(image, key, waiter) {
    case .cached(let response): return (response, true)
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
    client?.onClose { [weak self] in
      self?.leave(waiter, key, ServiceError(.clientLeft, "the client closed the connection"))
    }
    defer { client?.removeCallback() }
    return try await withTaskCancellationHandler {
      try await waiter.value()
    } onCancel: {
      leave(waiter, key, ServiceError(.notReady, "the service is shutting down"))
    }
  }

  private enum Entry {
    case cached(EncodedResponse)
    case refused(retryAfter: Int)
    case entered
  }

  private func enter(_ image: Data, _ key: ParseKey, _ waiter: Waiter<ParseJob.Answer>) -> Entry {
    let (entry, isNew) = state.withLock { state -> (Entry, Bool) in
      if let response = state.cache.response(for: key) {
        state.statistics.hits += 1
        return (.cached(response), false)
      }
      if state.jobs[key] != nil {
        state.jobs[key]?.waiters[ObjectIdentifier(waiter)] = waiter
        state.statistics.joined += 1
        return (.entered, false)
      }
      guard state.queue.count < queueLength else {
        state.statistics.refused += 1
        let seconds = state.averageSeconds * Double(state.queue.count) / Double(concurrency)
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
    state.withLock { state in
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

  // MARK: Work

  /// Runs the oldest job in the queue. Each job submits one call; the queue may be empty because jobs were abandoned.
  private func runNext() {
    let next = state.withLock { state -> (job: ParseJob, threads: Int)? in
      guard let job = state.queue.popFirst() else { return nil }
      state.statistics.running += 1
      // Several pictures share the threads, which costs less synchronization than all threads on each of them.
      let concurrent = min(state.statistics.running + state.queue.count, concurrency)
      return (job, max(threads / concurrent, 1))
    }
    guard let (job, threads) = next else { return }
    let start = ContinuousClock.now
    let context = WorkContext(threads: threads, check: job.check)
    let result = Result { try work(job.image, job.key.options, context) }
    finish(job, result, seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  private func finish(_ job: ParseJob, _ result: Result<EncodedResponse, any Error>, seconds: Double) {
    let waiters = state.withLock { state -> [Waiter<ParseJob.Answer>] in
      state.statistics.running -= 1
      if case .success(let response) = result {
        state.statistics.parsed += 1
        state.averageSeconds += (seconds - state.averageSeconds) / 8
        state.cache.store(response, for: job.key)
      } else if !job.isAbandoned {
        state.statistics.failed += 1
      }
      guard state.jobs[job.key]?.job === job else { return [] }
      return state.jobs.removeValue(forKey: job.key).map { Array($0.waiters.values) } ?? []
    }
    for waiter in waiters { waiter.finish(result.map { ($0, false) }) }
  }
}

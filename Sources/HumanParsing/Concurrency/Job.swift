import Platform

/// Work of a `JobQueue` whose result a task awaits.
///
/// A cancelled job that waits ends at once and is never run; one that runs ends when it next calls
/// `checkCancellation()`.
final class Job<Value: Sendable>: Sendable {
  typealias Body = @Sendable (_ job: Job<Value>) throws -> Value

  private enum State {
    case waiting, running
    case finished(Result<Value, any Error>)
  }

  private struct Shared {
    var state = State.waiting
    var isCancelled = false
    /// The task that awaits the result.
    var continuation: CheckedContinuation<Value, any Error>?
  }

  private let shared = Locked(Shared())
  private let body: Body

  init(_ body: @escaping Body) { self.body = body }

  /// - Throws: `CancellationError` once the job is cancelled.
  func checkCancellation() throws {
    if shared.withLock({ $0.isCancelled }) { throw CancellationError() }
  }

  /// Runs the body, unless the job has been cancelled.
  func run() {
    let isWanted = shared.withLock { shared in
      guard case .waiting = shared.state else { return false }
      shared.state = .running
      return true
    }
    if isWanted { finish(Result { try body(self) }) }
  }

  func cancel() {
    let isWaiting = shared.withLock { shared in
      shared.isCancelled = true
      if case .waiting = shared.state { return true }
      return false
    }
    if isWaiting { finish(.failure(CancellationError())) }
  }

  private func finish(_ result: Result<Value, any Error>) {
    let continuation = shared.withLock { shared in
      if case .finished = shared.state { return nil as CheckedContinuation<Value, any Error>? }
      shared.state = .finished(result)
      defer { shared.continuation = nil }
      return shared.continuation
    }
    continuation?.resume(with: result)
  }

  /// The result, when it is there; cancelling the task that awaits it cancels the job. To be awaited once.
  var value: Value {
    get async throws {
      try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
          let result = shared.withLock { shared in
            if case .finished(let result) = shared.state { return result as Result<Value, any Error>? }
            shared.continuation = continuation
            return nil
          }
          if let result { continuation.resume(with: result) }
        }
      } onCancel: {
        cancel()
      }
    }
  }
}

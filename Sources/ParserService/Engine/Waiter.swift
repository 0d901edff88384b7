import Platform

/// A request that waits for its result: a promise that is fulfilled once, by the first of several parties.
package final class Waiter<Value: Sendable>: Sendable {
  private enum State {
    case idle
    case waiting(CheckedContinuation<Value, any Error>)
    case finished(Result<Value, any Error>)
    case taken
  }

  private let state = Locked(State.idle)

  package init() {}

  /// Waits for the result.
  ///
  /// - Precondition: The method is called once.
  package func value() async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let result = state.withLock { state -> Result<Value, any Error>? in
        if case .finished(let result) = state {
          state = .taken
          return result
        }
        state = .waiting(continuation)
        return nil
      }
      if let result { continuation.resume(with: result) }
    }
  }

  /// Ends the wait. Only the first call has an effect.
  ///
  /// - Returns: Whether this was the first call.
  @discardableResult
  package func finish(_ result: Result<Value, any Error>) -> Bool {
    let (continuation, isFirst) = state.withLock { state -> (CheckedContinuation<Value, any Error>?, Bool) in
      switch state {
      case .idle:
        state = .finished(result)
        return (nil, true)
      case .waiting(let continuation):
        state = .taken
        return (continuation, true)
      case .finished, .taken:
        return (nil, false)
      }
    }
    continuation?.resume(with: result)
    return isFirst
  }
}

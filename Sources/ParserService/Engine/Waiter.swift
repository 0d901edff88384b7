import NIOConcurrencyHelpers

/// One request that waits for an answer: it gets exactly one result, whoever is first to have one.
package final class Waiter<Value: Sendable>: Sendable {
  private enum State {
    case idle
    case waiting(CheckedContinuation<Value, any Error>)
    case finished(Result<Value, any Error>)
    case taken
  }

  private let state = NIOLockedValueBox(State.idle)

  package init() {}

  /// Waits; to be called once.
  package func value() async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let result = state.withLockedValue { state -> Result<Value, any Error>? in
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

  /// Ends the wait; what comes after the first call does not count.
  ///
  /// - Returns: Whether this was the first call.
  @discardableResult
  package func finish(_ result: Result<Value, any Error>) -> Bool {
    let (continuation, isFirst) = state.withLockedValue { state -> (CheckedContinuation<Value, any Error>?, Bool) in
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

import NIOConcurrencyHelpers

/// One client's connection, as the work that is done for it sees it: still there, or gone.
package final class Connection: Sendable {
  private struct State {
    var isGone = false
    var whenGone: (@Sendable () -> Void)?
  }

  private let state = NIOLockedValueBox(State())

  package init() {}

  package var isGone: Bool { state.withLockedValue { $0.isGone } }

  /// Calls `body` once the client has gone, at once if it has already. There is one request at a time on a connection,
  /// and so one such body.
  package func whenGone(_ body: @escaping @Sendable () -> Void) {
    let isGone = state.withLockedValue { state in
      if !state.isGone { state.whenGone = body }
      return state.isGone
    }
    if isGone { body() }
  }

  /// Takes back what `whenGone` was given.
  package func forget() { state.withLockedValue { $0.whenGone = nil } }

  package func markGone() {
    let body = state.withLockedValue { state in
      state.isGone = true
      defer { state.whenGone = nil }
      return state.whenGone
    }
    body?()
  }
}

import Platform

/// The state of one client's connection, as far as the work on its requests needs it: open or closed.
package final class Connection: Sendable {
  private struct State {
    var isClosed = false
    var onClose: (@Sendable () -> Void)?
  }

  private let state = Locked(State())

  package init() {}

  package var isClosed: Bool { state.withLock { $0.isClosed } }

  /// Sets the callback for when the client closes the connection; calls it at once if the connection is closed already.
  ///
  /// A connection serves one request at a time, so it has one callback.
  package func onClose(_ body: @escaping @Sendable () -> Void) {
    let isClosed = state.withLock { state in
      if !state.isClosed { state.onClose = body }
      return state.isClosed
    }
    if isClosed { body() }
  }

  /// Removes the callback.
  package func removeCallback() { state.withLock { $0.onClose = nil } }

  package func markClosed() {
    let body = state.withLock { state in
      state.isClosed = true
      defer { state.onClose = nil }
      return state.onClose
    }
    body?()
  }
}

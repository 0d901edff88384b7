import NIOCore
import Platform

/// The open connections, limited in number.
package final class ConnectionTable: Sendable {
  private struct State {
    var open: [ObjectIdentifier: (channel: any Channel, connection: Connection)] = [:]
    var refused = 0
    var isDraining = false
  }

  private let maximum: Int
  private let state = Locked(State())

  package init(maximum: Int) { self.maximum = maximum }

  package var count: Int { state.withLock { $0.open.count } }
  /// Number of connections that were refused because there were too many.
  package var refused: Int { state.withLock { $0.refused } }

  /// Whether the service is about to stop, so that every response is the last one on its connection.
  package var isDraining: Bool { state.withLock { $0.isDraining } }
  package func drain() { state.withLock { $0.isDraining = true } }

  /// Adds a connection.
  ///
  /// - Returns: The new connection, or `nil` if there are too many.
  func open(_ channel: any Channel) -> Connection? {
    state.withLock { state in
      guard state.open.count < maximum else {
        state.refused += 1
        return nil
      }
      let connection = Connection()
      state.open[ObjectIdentifier(channel)] = (channel, connection)
      return connection
    }
  }

  func close(_ channel: any Channel) {
    state.withLock { $0.open.removeValue(forKey: ObjectIdentifier(channel)) }?.connection.markClosed()
  }

  func connection(of channel: any Channel) -> Connection? {
    state.withLock { $0.open[ObjectIdentifier(channel)]?.connection }
  }

  /// Closes all connections, whatever their state.
  package func closeAll() {
    for entry in state.withLock({ Array($0.open.values) }) { entry.channel.close(promise: nil) }
  }
}

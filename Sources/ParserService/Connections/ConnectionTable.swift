import NIOConcurrencyHelpers
import NIOCore

/// The connections that are open, up to a number.
package final class ConnectionTable: Sendable {
  private struct State {
    var open: [ObjectIdentifier: (channel: any Channel, connection: Connection)] = [:]
    var refused = 0
    var isDraining = false
  }

  private let maximum: Int
  private let state = NIOLockedValueBox(State())

  package init(maximum: Int) { self.maximum = maximum }

  package var count: Int { state.withLockedValue { $0.open.count } }
  /// Connections that came when there were too many.
  package var refused: Int { state.withLockedValue { $0.refused } }

  /// Whether the service is about to stop: every answer is the last on its connection then.
  package var isDraining: Bool { state.withLockedValue { $0.isDraining } }
  package func drain() { state.withLockedValue { $0.isDraining = true } }

  /// - Returns: The new connection, or nil if there are too many.
  func open(_ channel: any Channel) -> Connection? {
    state.withLockedValue { state in
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
    state.withLockedValue { $0.open.removeValue(forKey: ObjectIdentifier(channel)) }?.connection.markGone()
  }

  func connection(of channel: any Channel) -> Connection? {
    state.withLockedValue { $0.open[ObjectIdentifier(channel)]?.connection }
  }

  /// Ends all connections, whatever they are at.
  package func closeAll() {
    for entry in state.withLockedValue({ Array($0.open.values) }) { entry.channel.close(promise: nil) }
  }
}

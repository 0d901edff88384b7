import Logging
import ServiceLifecycle

/// What a signal to stop starts: readiness is denied at once, while requests are still taken, so that load balancers
/// see it in time; then the server stops listening and finishes what it accepted; what is left when the time is over is
/// closed.
struct Drain: Service, CustomStringConvertible {
  let connections: ConnectionTable
  let limits: ServiceLimits
  let logger: Logger

  var description: String { "Drain" }

  func run() async throws {
    try await gracefulShutdown()
    connections.drain()
    logger.notice("shutting down", metadata: ["connections": "\(connections.count)"])
    Task { [connections, limits] in
      try await Task.sleep(for: limits.shutdownTime)
      connections.closeAll()
    }
    try await Task.sleep(for: limits.drainTime)
  }
}

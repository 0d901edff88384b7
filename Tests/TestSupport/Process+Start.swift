package import Foundation

/// One start of a process at a time.
private let starting = NSLock()

extension Process {
  /// Starts the process, while no other one is started.
  ///
  /// On Linux, Foundation's `run` makes a socket whose other end the child holds until it ends. A child that another thread
  /// starts between the two inherits that end too, and this process would count as running until both have ended: a wait for
  /// a short program would last as long as the service of another test.
  package func start() throws { try starting.withLock { try run() } }
}

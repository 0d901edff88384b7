import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Bionic)
  import Bionic
#else
  import Glibc
#endif

/// Outside of the type, where a C function may reach it.
private let interruptRequested = Atomic<Bool>(false)

/// SIGINT as a wish to stop after the current item. A second one ends the process at once, as it would without us.
package enum Interrupt {
  /// True once SIGINT has arrived.
  package static var isRequested: Bool { interruptRequested.load(ordering: .relaxed) }

  /// From here on SIGINT is noted instead of ending the process. Reads that wait are woken by it.
  package static func watch() {
    let handler: @convention(c) (Int32) -> Void = { _ in
      // Only what a signal handler may do: a lock-free store, and `signal`.
      interruptRequested.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }
    // Not `signal`, which has reads go on that wait.
    var action = sigaction()
    #if canImport(Darwin)
      action.__sigaction_u.__sa_handler = handler
    #elseif canImport(Musl)
      action.__sa_handler.sa_handler = handler
    #elseif canImport(Bionic)
      action.sa_handler = handler
    #else
      action.__sigaction_handler.sa_handler = handler
    #endif
    sigaction(SIGINT, &action, nil)
    // Who started us may have blocked it, and a child inherits that.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}

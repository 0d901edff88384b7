import Glibc
import Synchronization

/// Outside of the type, where a C function may reach it.
private let interruptRequested = Atomic<Bool>(false)

/// SIGINT as a wish to stop after the current item. A second one ends the process at once, as it would without us.
package enum Interrupt {
  /// True once SIGINT has arrived.
  package static var isRequested: Bool { interruptRequested.load(ordering: .relaxed) }

  /// From here on SIGINT is noted instead of ending the process. Reads that wait are woken by it.
  package static func watch() {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      // Only what a signal handler may do: a lock-free store, and `signal`.
      interruptRequested.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }
    sigaction(SIGINT, &action, nil)
    // Who started us may have blocked it, and a child inherits that.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}

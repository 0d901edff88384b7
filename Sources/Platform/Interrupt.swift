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
private let firstSignal = Atomic<Int32>(0)

/// SIGINT, or SIGTERM, as a wish to stop after the current item. A second one ends the process at once, as it would
/// without us.
package enum Interrupt {
  /// Why to stop.
  package enum Cause: Sendable, Equatable {
    /// SIGINT: somebody pressed Ctrl-C.
    case interrupt
    /// SIGTERM: the system, or the queue that started us, needs the machine.
    case termination
  }

  /// Why to stop; `nil` until a signal arrives.
  package static var cause: Cause? {
    switch firstSignal.load(ordering: .relaxed) {
    case 0: nil
    case SIGTERM: .termination
    default: .interrupt
    }
  }

  /// True once a signal has arrived.
  package static var isRequested: Bool { cause != nil }

  /// From here on SIGINT is noted instead of ending the process. Reads that wait are woken by it.
  ///
  /// - Parameter termination: Whether SIGTERM is noted too.
  package static func watch(termination: Bool = false) {
    watch(SIGINT)
    if termination { watch(SIGTERM) }
  }

  private static func watch(_ number: Int32) {
    let handler: @convention(c) (Int32) -> Void = { number in
      // Only what a signal handler may do: a lock-free store, and `signal`.
      _ = firstSignal.compareExchange(expected: 0, desired: number, ordering: .relaxed)
      signal(number, SIG_DFL)
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
    sigaction(number, &action, nil)
    // Who started us may have blocked it, and a child inherits that.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, number)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}

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

/// Outside of the type, where a C function may reach them.
private let firstSignal = Atomic<Int32>(0)
private let signalCount = Atomic<Int>(0)

/// Signals as wishes to stop: SIGINT, SIGTERM and SIGHUP; SIGQUIT, which a terminal sends too; SIGXCPU, SIGUSR1 and SIGUSR2,
/// by which batch systems say that the time is over. The first one asks to finish the current item, the second to leave it;
/// the third ends the process at once, as it would without us.
package enum Interrupt {
  /// Watched whoever started the process.
  private static let firm = [SIGINT, SIGTERM]
  /// Watched unless the process was started with the signal ignored, as `nohup` does with SIGHUP.
  private static let ignorable = [SIGHUP, SIGQUIT, SIGXCPU, SIGUSR1, SIGUSR2]

  /// True once a signal has arrived.
  package static var isRequested: Bool { signalCount.load(ordering: .relaxed) > 0 }

  /// True once a second signal has arrived.
  package static var isUrgent: Bool { signalCount.load(ordering: .relaxed) > 1 }

  /// Number of the first signal; 0 before one has arrived.
  package static var signalNumber: Int32 { firstSignal.load(ordering: .relaxed) }

  /// From here on the signals are noted instead of ending the process. Reads that wait are woken by them.
  package static func watch() {
    let handler: @convention(c) (Int32) -> Void = { number in
      // Only what a signal handler may do: lock-free atomics, and `signal`.
      _ = firstSignal.compareExchange(expected: 0, desired: number, ordering: .relaxed)
      if signalCount.add(1, ordering: .relaxed).newValue < 2 { return }
      signal(SIGINT, SIG_DFL)
      signal(SIGTERM, SIG_DFL)
      signal(SIGHUP, SIG_DFL)
      signal(SIGQUIT, SIG_DFL)
      signal(SIGXCPU, SIG_DFL)
      signal(SIGUSR1, SIG_DFL)
      signal(SIGUSR2, SIG_DFL)
    }
    for number in firm + ignorable.filter({ !isIgnored($0) }) {
      // Not `signal`, which has reads go on that wait.
      var action = sigaction()
      action.plainHandler = handler
      sigaction(number, &action, nil)
      // Who started us may have blocked it, and a child inherits that.
      var signals = sigset_t()
      sigemptyset(&signals)
      sigaddset(&signals, number)
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
    // A file that may not grow is an error of its write, which leaves no part of it.
    signal(SIGXFSZ, SIG_IGN)
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    return unsafeBitCast(action.plainHandler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

extension sigaction {
  fileprivate var plainHandler: (@convention(c) (Int32) -> Void)? {
    get {
      #if canImport(Darwin)
        __sigaction_u.__sa_handler
      #elseif canImport(Musl)
        __sa_handler.sa_handler
      #elseif canImport(Bionic)
        sa_handler
      #else
        __sigaction_handler.sa_handler
      #endif
    }
    set {
      #if canImport(Darwin)
        __sigaction_u.__sa_handler = newValue
      #elseif canImport(Musl)
        __sa_handler.sa_handler = newValue
      #elseif canImport(Bionic)
        sa_handler = newValue
      #else
        __sigaction_handler.sa_handler = newValue
      #endif
    }
  }
}

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
private let statusOfShortage = Atomic<Int32>(1)

/// The end of a process that the system refuses memory.
package enum MemoryShortage {
  /// Gives such an end a sentence and a status, from here on.
  ///
  /// The standard library and that of C++ end a process by `abort` or a trap when memory is refused, and the reason is in
  /// `errno`. Where the system grants memory that it does not have, it ends the process by SIGKILL later, and nothing can be
  /// said.
  package static func watch(status: Int32) {
    statusOfShortage.store(status, ordering: .relaxed)
    let handler: @convention(c) (Int32) -> Void = { number in
      // Only what a signal handler may do. After any other reason the end goes on as without us.
      guard errno == ENOMEM else {
        signal(number, SIG_DFL)
        return
      }
      let sentence: StaticString =
        "Error: expected more memory than the system gives; grant more, or take fewer threads or smaller frames\n"
      _ = write(STDERR_FILENO, sentence.utf8Start, sentence.utf8CodeUnitCount)
      _exit(statusOfShortage.load(ordering: .relaxed))
    }
    for number in [SIGABRT, SIGILL, SIGTRAP] { signal(number, handler) }
  }
}

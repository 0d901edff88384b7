import Foundation
import Platform

/// The end of a process that the system gives no more memory.
enum MemoryShortage {
  /// From here on such an end has a sentence, and the status by which OpenCue knows that a process needs more memory.
  ///
  /// The standard library and that of C++ end a process by `abort` or a trap when memory is refused, and the reason is in
  /// `errno`. Where the system grants memory that it does not have, it ends the process by SIGKILL later, and nothing can be
  /// said.
  static func watch() {
    let handler: @convention(c) (Int32) -> Void = { number in
      // Only what a signal handler may do. After any other reason the end goes on as without us.
      guard errno == ENOMEM else {
        signal(number, SIG_DFL)
        return
      }
      let sentence: StaticString =
        "Error: expected more memory than the system gives; grant more, or take fewer threads or smaller frames\n"
      _ = write(STDERR_FILENO, sentence.utf8Start, sentence.utf8CodeUnitCount)
      _exit(33)
    }
    for number in [SIGABRT, SIGILL, SIGTRAP] { signal(number, handler) }
  }
}

/// The most memory that this process has had at a time, in bytes.
var peakResidentMemory: Int {
  var usage = rusage()
  // `RUSAGE_SELF`, which is of another type in each C library.
  getrusage(0, &usage)
  #if canImport(Darwin)
    return usage.ru_maxrss
  #else
    return usage.ru_maxrss * 1024
  #endif
}

/// A lock on a folder that several processes share, and that keeps out whoever wants the folder alone by `FolderLock`; the
/// system takes it back when the process dies.
final class SharedFolderLock: Sendable {
  private let descriptor: Int32

  /// Locks a folder; `nil` if another process has it alone.
  init?(_ folder: String) {
    descriptor = open(PathText.bytes(folder).map { CChar(bitPattern: $0) } + [0], O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    if descriptor >= 0, flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK {
      close(descriptor)
      return nil
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}

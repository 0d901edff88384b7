import Glibc

/// Mutual exclusion by the system's own lock. The thread sanitizer understands it; it does not see what the standard
/// library's `Mutex` orders, and calls it a race.
package final class Lock: Sendable {
  private let mutex: Handle

  /// Audited as `@unchecked Sendable`: threads share the lock only through calls that are made for that.
  private struct Handle: @unchecked Sendable {
    let pointer = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  }

  package init() {
    mutex = Handle()
    pthread_mutex_init(mutex.pointer, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex.pointer)
    mutex.pointer.deallocate()
  }

  package func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex.pointer)
    defer { pthread_mutex_unlock(mutex.pointer) }
    return try body()
  }
}

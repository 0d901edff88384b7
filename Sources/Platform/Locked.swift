#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Bionic)
  import Bionic
#else
  import Glibc
#endif

/// A mutex and a condition variable of the system. The thread sanitizer understands them; it does not see what the
/// standard library's `Mutex` orders, and reports it as a race.
///
/// Audited as `@unchecked Sendable`: the two are only used through calls that are made to be shared by threads.
package struct Monitor: ~Copyable, @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  package borrowing func withLock<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure)
    -> Result
  {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// Unlocks, sleeps until `wakeAll` (or for no reason), and locks again. Only within `withLock`.
  package borrowing func wait() { pthread_cond_wait(condition, mutex) }

  /// Wakes every thread in `wait`. Only within `withLock`.
  package borrowing func wakeAll() { pthread_cond_broadcast(condition) }
}

/// A value that threads share, each alone with it inside `withLock`.
///
/// Audited as `@unchecked Sendable`: the value is only touched under the lock.
package final class Locked<Value>: @unchecked Sendable {
  private let monitor = Monitor()
  private var value: Value

  package init(_ value: sending Value) { self.value = value }

  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try monitor.withLock { () throws(Failure) in try body(&value) }
  }
}

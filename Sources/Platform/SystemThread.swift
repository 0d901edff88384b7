#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Bionic)
  import Bionic
#else
  import Glibc
#endif

/// A thread of the system's own, which runs one function. Swift's tasks are no place for loops that poll.
package struct SystemThread: @unchecked Sendable {
  private final class Start {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private let thread: pthread_t

  /// Starts the thread; nil where the system refuses one.
  package init?(_ body: @escaping @Sendable () -> Void) {
    let start = Unmanaged.passRetained(Start(body))
    #if canImport(Darwin)
      var thread: pthread_t?
      let status = pthread_create(&thread, nil, { Self.run($0) }, start.toOpaque())
    #else
      var thread = pthread_t()
      let status = pthread_create(&thread, nil, { $0.flatMap(Self.run) }, start.toOpaque())
    #endif
    guard status == 0 else {
      start.release()
      return nil
    }
    #if canImport(Darwin)
      guard let thread else { return nil }
    #endif
    self.thread = thread
  }

  /// Waits until the function has returned. To be called once.
  package func join() { pthread_join(thread, nil) }

  private static func run(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
    return nil
  }

  /// Lets another thread have the processor.
  package static func yield() { sched_yield() }
}

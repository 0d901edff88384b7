import Platform
import Testing

@Suite(.timeLimit(.minutes(10))) struct LockTests {
  @Test func oneThreadAtATimeChangesTheValue() {
    let count = Locked(0)
    let threads = (0..<4).compactMap { _ in
      SystemThread { for _ in 0..<10_000 { count.withLock { $0 += 1 } } }
    }
    for thread in threads { thread.join() }
    #expect(count.withLock { $0 } == threads.count * 10_000)
  }

  @Test func aWaitingThreadIsWoken() throws {
    let monitor = Monitor()
    let (isOpen, hasPassed) = (Locked(false), Locked(false))
    let thread = try #require(
      SystemThread {
        monitor.withLock { while !isOpen.withLock({ $0 }) { monitor.wait() } }
        hasPassed.withLock { $0 = true }
      })
    monitor.withLock {
      isOpen.withLock { $0 = true }
      monitor.wakeAll()
    }
    thread.join()
    #expect(hasPassed.withLock { $0 })
  }

  private struct Refused: Error {}

  @Test func anErrorReleasesTheLock() {
    let value = Locked(1)
    #expect(throws: Refused.self) { try value.withLock { _ in throw Refused() } }
    #expect(value.withLock { $0 } == 1)
  }
}

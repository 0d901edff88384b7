import Platform
import TensorCore

/// Pool of arenas that forward passes reuse; an arena is either in the pool or owned by one pass.
final class ArenaPool: Sendable {
  private let idle = Locked<[Arena]>([])

  /// Number of arenas that the pool keeps; further concurrent passes allocate and free one of their own.
  private let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  func withArena<Result>(_ body: (Arena) throws -> Result) rethrows -> Result {
    let arena = idle.withLock { $0.popLast() } ?? Arena()
    defer {
      arena.consolidate()
      idle.withLock { if $0.count < capacity { $0.append(arena) } }
    }
    return try body(arena)
  }
}

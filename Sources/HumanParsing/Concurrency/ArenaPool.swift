import TensorCore

/// The working memory of finished passes, kept for the next ones: an arena is either in the pool or in the hands of the
/// one pass that took it.
final class ArenaPool: Sendable {
  private let idle = Locked<[Arena]>([])

  /// Arenas that are kept; passes beyond this many at one time allocate memory and free it.
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

import TensorCore

/// Keeps the working memory of finished passes for the next ones.
///
/// Audited as `@unchecked Sendable`: an arena is either on the shelf, under the lock, or in the hands of the one pass
/// that took it.
final class ArenaPool: @unchecked Sendable {
  private let lock = Lock()
  private var idle: [Arena] = []

  /// Passes at one time beyond this many take new memory and give it back.
  private let kept: Int

  init(kept: Int) { self.kept = kept }

  func withArena<Result>(_ body: (Arena) throws -> Result) rethrows -> Result {
    let arena = lock.withLock { idle.popLast() } ?? Arena()
    defer {
      arena.consolidate()
      lock.withLock { if idle.count < kept { idle.append(arena) } }
    }
    return try body(arena)
  }
}

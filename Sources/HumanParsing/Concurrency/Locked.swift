import TensorCore

/// A value that threads share under a lock.
///
/// Audited as `@unchecked Sendable`: the value is touched only inside of `withLock`, and nothing of it may be kept there
/// unless it is `Sendable` or leaves the value for good.
final class Locked<Value>: @unchecked Sendable {
  private let lock = Lock()
  private var value: Value

  init(_ value: Value) { self.value = value }

  func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    try lock.withLock { try body(&value) }
  }
}

/// Memory that the iterations of a parallel loop write together, no element by more than one of them.
///
/// Audited as `@unchecked Sendable`, on this contract: an element that one iteration writes is neither read nor written by
/// another one while the loop runs, and the memory outlives the loop. The views that kernels work on (`Matrix`,
/// `FeatureMap`) carry the same contract; all else that loops write goes through this type.
///
/// Public although only this package uses it: the compiler inlines `@inlinable` declarations of access `package` in no
/// other module, and a call for each element costs more than most of the loops.
public struct DisjointBuffer<Element>: @unchecked Sendable {
  @usableFromInline let buffer: UnsafeMutableBufferPointer<Element>

  @inlinable
  public init(_ buffer: UnsafeMutableBufferPointer<Element>) { self.buffer = buffer }

  @inlinable
  public init(_ base: UnsafeMutablePointer<Element>, count: Int) {
    buffer = UnsafeMutableBufferPointer(start: base, count: count)
  }

  @inlinable
  public var count: Int { buffer.count }

  /// An element of the calling iteration.
  @inlinable
  public subscript(index: Int) -> Element {
    @inline(__always) get { buffer[index] }
    @inline(__always) nonmutating set { buffer[index] = newValue }
  }

  /// Elements of the calling iteration.
  @inlinable
  public subscript(range: Range<Int>) -> UnsafeMutableBufferPointer<Element> { buffer.extracting(range) }

  /// Address of an element of the calling iteration; the buffer has at least one.
  @inlinable
  public func pointer(to index: Int) -> UnsafeMutablePointer<Element> {
    guard let base = buffer.baseAddress else { preconditionFailure("a buffer without elements") }
    return base + index
  }

  /// Writes an element of memory that holds nothing yet.
  @inlinable
  public func initialize(_ index: Int, to value: Element) { buffer.initializeElement(at: index, to: value) }
}

/// Values that the threads of a loop work with, one for each thread: scratch memory, readers, caches.
///
/// Audited as `@unchecked Sendable`, on this contract: an iteration asks for the value of its own thread only.
public struct PerThread<Value>: @unchecked Sendable {
  @usableFromInline let values: [Value]

  package init(_ pool: WorkerPool, _ make: () throws -> Value) rethrows {
    values = try (0..<pool.threads).map { _ in try make() }
  }

  @inlinable
  public subscript(thread: Int) -> Value { values[thread] }
}

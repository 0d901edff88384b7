/// Memory for constants (weights, tables): 64-byte aligned, zero-filled, freed with the last reference.
///
/// Fill it through `pointer` before sharing it; from then on it is read only, which is what makes it `Sendable`.
package final class Storage: @unchecked Sendable {
  /// Bytes, aligned to 64.
  package let pointer: UnsafeMutableRawPointer
  /// Size in bytes, as asked for.
  package let byteCount: Int

  /// - Parameter byteCount: Size in bytes; not negative.
  package init(byteCount: Int) {
    self.byteCount = byteCount
    pointer = .allocate(byteCount: max(byteCount, 1), alignment: 64)
    UnsafeMutableRawBufferPointer(start: pointer, count: byteCount).initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { pointer.deallocate() }
}

/// A constant array of numbers in a `Storage`, in whatever order its owner says.
package struct Constant<Element: BitwiseCopyable>: @unchecked Sendable {
  private let storage: Storage
  /// Number of elements.
  package let count: Int

  /// Zeros, handed to `fill` once to be written.
  package init(count: Int, fill: (UnsafeMutableBufferPointer<Element>) throws -> Void) rethrows {
    storage = Storage(byteCount: count * MemoryLayout<Element>.stride)
    self.count = count
    let elements = storage.pointer.bindMemory(to: Element.self, capacity: count)
    try fill(UnsafeMutableBufferPointer(start: elements, count: count))
  }

  package init(_ elements: some Collection<Element>) {
    self.init(count: elements.count) { buffer in _ = buffer.initialize(fromContentsOf: elements) }
  }

  /// Valid as long as this value lives.
  package var pointer: UnsafePointer<Element> { UnsafePointer(storage.pointer.assumingMemoryBound(to: Element.self)) }

  /// Hands out the elements, which must not be used after `body` returns.
  package func withElements<Result>(_ body: (UnsafeBufferPointer<Element>) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(storage) { try body(UnsafeBufferPointer(start: pointer, count: count)) }
  }

  /// A copy of some of the elements.
  package func part(_ range: Range<Int>) -> Self { withElements { Self($0[range]) } }
}

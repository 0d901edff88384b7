extension UnsafeMutableRawBufferPointer {
  /// Does what `copyMemory(from:)` does, in a call of its own: for the last statement of a function that throws.
  ///
  /// Optimized by Swift 6.3, a throwing function whose last act is `memmove`, `memcpy` or `memset` may jump there and
  /// leave a stray number in the register where its caller looks for an error, and the caller takes that for one
  /// (https://github.com/swiftlang/swift/issues/90477). A closure counts as throwing where its type says so.
  @inline(never)
  package func copyBytesOutOfLine(from source: UnsafeRawBufferPointer) {
    copyMemory(from: source)
  }
}

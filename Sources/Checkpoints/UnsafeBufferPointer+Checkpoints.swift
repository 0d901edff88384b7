extension UnsafeBufferPointer<Float> {
  /// The index of the first element that is NaN or infinite; `nil` if all are finite.
  package var firstNonFiniteIndex: Int? {
    let block = 4096
    for start in stride(from: 0, to: count, by: block) {
      let end = Swift.min(start + block, count)
      // A bit pattern's magnitude from that of infinity on turns the top bit of the sum on.
      var top: UInt32 = 0
      for index in start..<end { top |= (self[index].bitPattern & 0x7fff_ffff) &+ 0x0080_0000 }
      if top & 0x8000_0000 != 0 { return self[start..<end].firstIndex { !$0.isFinite } }
    }
    return nil
  }
}

extension UnsafeMutableRawBufferPointer {
  /// `copyMemory(from:)` as a call that is not inlined, for the last statement of a throwing function.
  ///
  /// With Swift 6.3's optimizer, a throwing function that ends with `memmove`, `memcpy` or `memset` may tail-call it
  /// and leave a stray value in the register where its caller looks for an error
  /// (https://github.com/swiftlang/swift/issues/90477). A closure counts as throwing where its type says so.
  @inline(never)
  package func copyBytesOutOfLine(from source: UnsafeRawBufferPointer) {
    copyMemory(from: source)
  }
}

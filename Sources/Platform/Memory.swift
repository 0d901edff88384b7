#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Bionic)
  import Bionic
#else
  import Glibc
#endif

/// Memory that is zero at first; of a large block, pages that nobody touches cost nothing.
package enum ZeroedMemory {
  /// - Returns: Memory that `deallocate` takes back, aligned for any of the standard library's numbers.
  package static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    guard let memory = calloc(max(byteCount, 1), 1) else {
      fatalError("expected \(byteCount) bytes of memory, which the system refuses")
    }
    return memory
  }

  /// - Parameter memory: What `allocate` returned.
  package static func deallocate(_ memory: UnsafeMutableRawPointer) { free(memory) }
}

/// Whether one of `count` bytes is `byte`.
package func contains(_ byte: UInt8, in bytes: UnsafeRawPointer, count: Int) -> Bool {
  memchr(bytes, Int32(byte), count) != nil
}

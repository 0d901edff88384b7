import CZlib
import Platform
import TensorCore

/// A deflated zip entry, which is inflated when its bytes are first asked for and then kept.
final class DeflatedBytes: Sendable {
  private let file: FileBytes
  private let entry: ZipEntry
  private let inflated = Locked<Storage?>(nil)

  /// - Precondition: `entry` was found in `file`, whose archive bounds the size that it claims.
  init(_ entry: ZipEntry, of file: FileBytes) {
    self.file = file
    self.entry = entry
  }

  /// Calls `body` with the inflated bytes, which must not be used after it returns.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
    let storage = try inflated.withLock { inflated in
      if let inflated { return inflated }
      let storage = Storage(byteCount: entry.size)
      try inflate(into: UnsafeMutableRawBufferPointer(start: storage.pointer, count: entry.size))
      inflated = storage
      return storage
    }
    return try withExtendedLifetime(storage) {
      try body(UnsafeRawBufferPointer(start: storage.pointer, count: entry.size))
    }
  }

  /// Inflates the entry, which must fill `target` exactly and have the checksum that the archive states.
  private func inflate(into target: UnsafeMutableRawBufferPointer) throws {
    try file.withBytes { bytes in
      guard Self.inflate(UnsafeRawBufferPointer(rebasing: bytes[entry.data]), into: target) else {
        throw file.error(.malformed, "holds \(entry.name.quoted), which does not inflate to \(entry.size) bytes")
      }
    }
    guard Self.checksum(UnsafeRawBufferPointer(target)) == entry.checksum else {
      throw file.error(.malformed, "holds \(entry.name.quoted), whose checksum is wrong")
    }
  }

  /// Whether `source` is one raw deflate stream, no more and no less, of as many bytes as `target` has.
  private static func inflate(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
    var stream = z_stream()
    let negative = -MAX_WBITS  // no zlib header
    guard inflateInit2_(&stream, negative, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return false
    }
    defer { inflateEnd(&stream) }
    var input = UnsafeMutableRawBufferPointer(mutating: source)[...]
    var output = target[...]
    var spare: UInt8 = 0
    return withUnsafeMutableBytes(of: &spare) { spare in
      while true {
        // zlib counts in 32 bits, and needs an output buffer even if no output is left.
        let inputSlice = UnsafeMutableRawBufferPointer(rebasing: input.prefix(1 << 30))
        let outputSlice = output.isEmpty ? spare : UnsafeMutableRawBufferPointer(rebasing: output.prefix(1 << 30))
        stream.next_in = inputSlice.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_in = UInt32(inputSlice.count)
        stream.next_out = outputSlice.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_out = UInt32(outputSlice.count)
        let status = CZlib.inflate(&stream, Z_NO_FLUSH)
        let produced = outputSlice.count - Int(stream.avail_out)
        let consumed = inputSlice.count - Int(stream.avail_in)
        guard produced <= output.count else { return false }
        input = input.dropFirst(consumed)
        output = output.dropFirst(produced)
        if status == Z_STREAM_END { return input.isEmpty && output.isEmpty }
        guard status == Z_OK, produced + consumed > 0 else { return false }
      }
    }
  }

  private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var checksum: uLong = 0
    var rest = bytes[...]
    while !rest.isEmpty {
      let slice = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      checksum = crc32(checksum, slice.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt32(slice.count))
      rest = rest.dropFirst(slice.count)
    }
    return UInt32(truncatingIfNeeded: checksum)
  }
}

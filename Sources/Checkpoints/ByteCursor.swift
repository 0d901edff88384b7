/// A cursor over untrusted bytes: every read is checked against the end and returns `nil` beyond it.
struct ByteCursor {
  let bytes: UnsafeRawBufferPointer
  /// From 0 to `bytes.count`.
  private(set) var offset = 0

  /// Starts at `offset`; `nil` if that is outside the bytes.
  init?(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
    guard offset >= 0, offset <= bytes.count else { return nil }
    self.bytes = bytes
    self.offset = offset
  }

  var remaining: Int { bytes.count - offset }

  /// The next byte, not consumed.
  var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// The next little-endian number.
  mutating func next<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type = Number.self) -> Number? {
    let size = MemoryLayout<Number>.size
    guard remaining >= size else { return nil }
    defer { offset += size }
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  /// The next little-endian number; `nil` also if it is negative or does not fit `Int`.
  mutating func nextSize<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) -> Int? {
    guard let number = next(type), number >= 0 else { return nil }
    return Int(exactly: number)
  }

  /// The next `count` bytes.
  mutating func next(count: Int) -> UnsafeRawBufferPointer? {
    guard count >= 0, count <= remaining else { return nil }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }

  /// The next `count` bytes as text; `nil` also if they are not UTF-8.
  mutating func nextText(count: Int) -> String? {
    guard let bytes = next(count: count) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  /// The text up to the next line feed, which is consumed and not part of it.
  mutating func nextLine() -> String? {
    guard let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let line = nextText(count: end - offset)
    offset = end + 1
    return line
  }

  /// Consumes `byte` if it is the next one.
  mutating func skip(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    offset += 1
    return true
  }
}

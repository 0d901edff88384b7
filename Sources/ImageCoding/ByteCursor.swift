/// Walks over bytes that nobody vouches for: what is not there is nil.
struct ByteCursor {
  enum Order { case little, big }

  private let bytes: UnsafeRawBufferPointer
  let order: Order
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer, order: Order) {
    self.bytes = bytes
    self.order = order
  }

  var remaining: Int { bytes.count - position }

  /// Moves to an offset from the start; beyond the end counts as the end.
  mutating func seek(_ offset: Int) { position = min(max(offset, 0), bytes.count) }

  mutating func skip(_ count: Int) { position += min(max(count, 0), remaining) }

  /// The next integer in the cursor's byte order.
  mutating func next<Integer: FixedWidthInteger>(_: Integer.Type) -> Integer? {
    guard remaining >= MemoryLayout<Integer>.size else { return nil }
    let value = bytes.loadUnaligned(fromByteOffset: position, as: Integer.self)
    position += MemoryLayout<Integer>.size
    return order == .little ? Integer(littleEndian: value) : Integer(bigEndian: value)
  }

  mutating func next(bytes count: Int) -> UnsafeRawBufferPointer? {
    guard count >= 0, count <= remaining else { return nil }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + count)])
  }
}

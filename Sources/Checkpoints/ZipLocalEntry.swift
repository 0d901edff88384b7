/// The local part of a zip entry: local header, content, and the data descriptor behind it.
struct ZipLocalEntry {
  let data: Range<Int>
  /// Range from the header to the end of the content or of the descriptor.
  let extent: Range<Int>

  private static let signature: UInt32 = 0x0403_4b50
  private static let descriptorSignature: UInt32 = 0x0807_4b50

  /// `nil` if it does not lie inside the file, or contradicts the directory.
  init?(of header: ZipDirectory.Header, in bytes: UnsafeRawBufferPointer) {
    guard var cursor = ByteCursor(bytes, at: header.offset), cursor.next() == Self.signature,
      cursor.next(count: 2) != nil, let flags = cursor.next(UInt16.self), let method = cursor.next(UInt16.self),
      cursor.next(count: 4) != nil, let checksum = cursor.next(UInt32.self),
      let compressed = cursor.next(UInt32.self), let size = cursor.next(UInt32.self),
      let nameLength = cursor.nextSize(UInt16.self), let extraLength = cursor.nextSize(UInt16.self),
      let name = cursor.nextText(count: nameLength), let extra = cursor.next(count: extraLength)
    else { return nil }
    let start = cursor.offset
    guard name == header.name, flags == header.fields.flags, method == header.fields.method,
      cursor.next(count: header.compressedSize) != nil
    else { return nil }
    data = start..<cursor.offset

    // With a descriptor, the numbers in the header may be 0.
    if flags & ZipDirectory.Fields.hasDescriptor == 0 || !(checksum == 0 && compressed == 0 && size == 0) {
      guard let sizes = ZipSizes(size: size, compressedSize: compressed, offset: 0, extra: extra) else { return nil }
      let stated = (header.fields.checksum, header.size, header.compressedSize)
      guard (checksum, sizes.size, sizes.compressedSize) == stated else { return nil }
    }
    if flags & ZipDirectory.Fields.hasDescriptor != 0 {
      guard let length = Self.descriptorLength(of: header, at: cursor) else { return nil }
      _ = cursor.next(count: length)
    }
    extent = header.offset..<cursor.offset
  }

  /// The length of the descriptor, which has sizes of 32 or of 64 bits; `nil` if it contradicts the directory.
  private static func descriptorLength(of header: ZipDirectory.Header, at start: ByteCursor) -> Int? {
    var cursor = start
    guard cursor.next() == descriptorSignature, cursor.next() == header.fields.checksum else { return nil }
    var (small, large) = (cursor, cursor)
    if small.nextSize(UInt32.self) == header.compressedSize, small.nextSize(UInt32.self) == header.size {
      return small.offset - start.offset
    }
    if large.nextSize(UInt64.self) == header.compressedSize, large.nextSize(UInt64.self) == header.size {
      return large.offset - start.offset
    }
    return nil
  }
}

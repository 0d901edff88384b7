/// Where the first picture of a stream of bytes ends.
package enum EncodedPicture {
  /// Whether another picture begins where the first one ends, as in a stream of pictures; false where the format says that
  /// further ones belong to the first (CIPA DC-007, multi-picture format).
  package static func isFollowedByAnother(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let end = end(of: bytes), end < bytes.count else { return false }
    let rest = UnsafeRawBufferPointer(rebasing: bytes[end...])
    return ImageFormat(of: rest) != nil && !isMultiPicture(bytes)
  }

  /// Offset of the first byte behind the first picture; nil where it cannot be told.
  static func end(of bytes: UnsafeRawBufferPointer) -> Int? {
    switch ImageFormat(of: bytes) {
    case .png: endOfPNG(bytes)
    case .jpeg: endOfJPEG(bytes)
    case .webp: endOfWebP(bytes)
    case .heic, .avif: endOfHEIF(bytes)
    // Its parts lie anywhere.
    case .tiff, nil: nil
    }
  }

  private static func endOfPNG(_ bytes: UnsafeRawBufferPointer) -> Int? {
    var place = 8
    while place + 12 <= bytes.count {
      let length = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
      let isEnd = bytes[(place + 4)...].starts(with: "IEND".utf8)
      place += 12 + length
      if isEnd { return place }
    }
    return nil
  }

  private static func endOfWebP(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count >= 12 else { return nil }
    let size = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
    return 8 + size + size % 2
  }

  /// Walks over the boxes, up to what begins another picture.
  private static func endOfHEIF(_ bytes: UnsafeRawBufferPointer) -> Int? {
    var place = 0
    while place + 8 <= bytes.count {
      if place > 0, ImageFormat(of: UnsafeRawBufferPointer(rebasing: bytes[place...])) != nil { return place }
      let size = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
      // Sizes of 64 bits, and boxes up to the end.
      guard size >= 8 else { return nil }
      place += size
    }
    return place == bytes.count ? place : nil
  }

  /// Walks over the segments, and through the data of scans to the next marker.
  private static func endOfJPEG(_ bytes: UnsafeRawBufferPointer) -> Int? {
    var place = 2
    while place + 2 <= bytes.count {
      // Also the way out of a scan's data, where 0xFF is followed by 0 or a restart marker.
      guard bytes[place] == 0xFF else {
        place += 1
        continue
      }
      let marker = bytes[place + 1]
      switch marker {
      case 0xD9: return place + 2
      case 0xFF: place += 1
      case 0, 1, 0xD0...0xD8: place += 2
      default:
        guard place + 4 <= bytes.count else { return nil }
        place += 2 + Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: place + 2, as: UInt16.self)))
      }
    }
    return nil
  }

  private static func isMultiPicture(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let head = UnsafeRawBufferPointer(rebasing: bytes.prefix(1 << 17))
    let mark = Array("MPF\0".utf8)
    return head.indices.contains { head[$0] == mark[0] && head[$0...].starts(with: mark) }
  }
}

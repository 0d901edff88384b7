/// The one thing that is read from an EXIF block: which way is up.
enum EXIF {
  private static let orientationTag: UInt16 = 0x0112

  /// The orientation that the first directory gives: `up` where it gives none that is defined, nil where it says
  /// nothing of it or the block is broken.
  ///
  /// `block` is a TIFF structure, with or without `Exif\0\0` before it.
  static func orientation(_ block: UnsafeRawBufferPointer) -> Orientation? {
    var tiff = block
    let prefix = Array("Exif\0\0".utf8)
    while tiff.starts(with: prefix) { tiff = UnsafeRawBufferPointer(rebasing: tiff.dropFirst(prefix.count)) }
    let order: ByteCursor.Order
    if tiff.starts(with: Array("II".utf8)) {
      order = .little
    } else if tiff.starts(with: Array("MM".utf8)) {
      order = .big
    } else {
      return nil
    }
    var cursor = ByteCursor(tiff, order: order)
    cursor.skip(2)
    guard cursor.next(UInt16.self) == 42, let offset = cursor.next(UInt32.self) else { return nil }
    cursor.seek(Int(offset))
    guard let entries = cursor.next(UInt16.self) else { return nil }
    for _ in 0..<entries {
      guard let tag = cursor.next(UInt16.self), let type = cursor.next(UInt16.self),
        let count = cursor.next(UInt32.self), let field = cursor.next(bytes: 4)
      else { return nil }
      if tag == orientationTag { return value(type: type, count: count, field: field, in: tiff, order: order) ?? .up }
    }
    return nil
  }

  /// The first value of the field, if it is an integer of two or four bytes that names an orientation.
  private static func value(
    type: UInt16, count: UInt32, field: UnsafeRawBufferPointer, in tiff: UnsafeRawBufferPointer, order: ByteCursor.Order
  ) -> Orientation? {
    guard count > 0 else { return nil }
    var inline = ByteCursor(field, order: order)
    let size: UInt64 = type == 3 || type == 8 ? 2 : 4
    if UInt64(count) * size > 4 {
      guard let offset = inline.next(UInt32.self) else { return nil }
      inline = ByteCursor(tiff, order: order)
      inline.seek(Int(offset))
    }
    switch type {
    case 3: return inline.next(UInt16.self).flatMap { Orientation(rawValue: Int($0)) }
    case 8: return inline.next(Int16.self).flatMap { Orientation(rawValue: Int($0)) }
    case 4, 13: return inline.next(UInt32.self).flatMap { Orientation(rawValue: Int($0)) }
    case 9: return inline.next(Int32.self).flatMap { Orientation(rawValue: Int($0)) }
    // BYTE and UNDEFINED are strings to Pillow and so name none; 6, a signed byte, does.
    case 6: return field.first.flatMap { Orientation(rawValue: Int(Int8(bitPattern: $0))) }
    default: return nil
    }
  }
}

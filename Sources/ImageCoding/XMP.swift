/// The one thing that is read from an XMP packet: which way is up, where EXIF does not tell.
enum XMP {
  /// The digit of the first `tiff:Orientation`, written as an attribute or as an element; nil if there is none.
  static func orientation(_ packet: UnsafeRawBufferPointer) -> Orientation? {
    let tag = Array("tiff:Orientation".utf8)
    var rest = packet[...]
    while let first = rest.firstIndex(of: tag[0]) {
      rest = rest[first...]
      guard rest.starts(with: tag) else {
        rest = rest.dropFirst()
        continue
      }
      rest = rest.dropFirst(tag.count)
      for opening in ["=\"", ">"] where rest.starts(with: opening.utf8) {
        let digit = rest.dropFirst(opening.utf8.count).first
        if let digit, (0x30...0x39).contains(digit) { return Orientation(rawValue: Int(digit) - 0x30) ?? .up }
      }
    }
    return nil
  }
}

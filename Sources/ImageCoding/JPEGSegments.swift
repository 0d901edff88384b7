/// The segments before the pixels of a JPEG that tell about the image without being needed for its pixels.
struct JPEGSegments {
  private var exif: Orientation?
  private var xmp: Orientation?
  private var hasOtherProfile = false

  /// Stops at the first scan, or at what is not a segment; never fails.
  init(_ bytes: UnsafeRawBufferPointer) {
    var cursor = ByteCursor(bytes, order: .big)
    cursor.skip(2)
    while let marker = Self.nextMarker(&cursor), marker != 0xDA, marker != 0xD9 {
      // RSTn and TEM stand alone.
      if (0xD0...0xD7).contains(marker) || marker == 0x01 { continue }
      guard let length = cursor.next(UInt16.self), let data = cursor.next(bytes: Int(length) - 2) else { break }
      if marker == 0xE1, exif == nil, data.starts(with: Array("Exif\0\0".utf8)) { exif = EXIF.orientation(data) }
      if marker == 0xE1, xmp == nil, data.starts(with: Array("http://ns.adobe.com/xap/1.0/\0".utf8)) {
        xmp = XMP.orientation(data)
      }
      if marker == 0xE2, data.starts(with: Array("ICC_PROFILE\0\u{1}".utf8)) {
        hasOtherProfile = !ColorProfile.isSRGB(data)
      }
    }
  }

  var orientation: Orientation { exif ?? xmp ?? .up }

  func notes(name: String) -> [String] { hasOtherProfile ? [ColorProfile.note(name)] : [] }

  /// The code after the next 0xFF; bytes before it are passed over, as libjpeg does.
  private static func nextMarker(_ cursor: inout ByteCursor) -> UInt8? {
    while let byte = cursor.next(UInt8.self) {
      guard byte == 0xFF else { continue }
      while let code = cursor.next(UInt8.self) {
        if code == 0xFF { continue }
        if code != 0 { return code }
        break
      }
    }
    return nil
  }
}

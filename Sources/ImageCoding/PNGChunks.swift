/// The chunks of a PNG that tell about the image without being needed for its pixels; none is inflated or copied.
struct PNGChunks {
  private var exif: Orientation?
  private var xmp: Orientation?
  private var isAnimated = false
  private var hasOtherProfile = false

  /// Stops at the first chunk that does not fit; never fails.
  init(_ bytes: UnsafeRawBufferPointer) {
    var cursor = ByteCursor(bytes, order: .big)
    cursor.skip(8)
    while let length = cursor.next(UInt32.self), let type = cursor.next(UInt32.self),
      let data = cursor.next(bytes: Int(length))
    {
      switch type {
      case Self.type("eXIf"): exif = EXIF.orientation(data)
      case Self.type("iTXt"): if xmp == nil { xmp = Self.orientation(text: data) }
      case Self.type("acTL"): isAnimated = true
      // What precedes the compressed profile is its name.
      case Self.type("iCCP"): hasOtherProfile = !ColorProfile.isSRGB(UnsafeRawBufferPointer(rebasing: data.prefix(80)))
      default: break
      }
      cursor.skip(4)
    }
  }

  var orientation: Orientation { exif ?? xmp ?? .up }

  func notes(name: String) -> [String] {
    var notes: [String] = []
    if isAnimated { notes.append("\(name): animated PNG, only the first frame was read") }
    if hasOtherProfile { notes.append(ColorProfile.note(name)) }
    return notes
  }

  /// Of an international text that is XMP and not compressed.
  private static func orientation(text: UnsafeRawBufferPointer) -> Orientation? {
    guard text.starts(with: Array("XML:com.adobe.xmp\0\0".utf8)) else { return nil }
    return XMP.orientation(text)
  }

  private static func type(_ name: StaticString) -> UInt32 {
    name.withUTF8Buffer { $0.reduce(0) { $0 << 8 | UInt32($1) } }
  }
}

/// The chunks of a PNG that tell about the image without being needed for its pixels; none is inflated or copied.
struct PNGChunks {
  private(set) var orientation = Orientation.up
  private var isAnimated = false
  private var hasProfile = false

  /// Stops at the first chunk that does not fit; never fails.
  init(_ bytes: UnsafeRawBufferPointer) {
    var cursor = ByteCursor(bytes, order: .big)
    cursor.skip(8)
    while let length = cursor.next(UInt32.self), let type = cursor.next(UInt32.self),
      let data = cursor.next(bytes: Int(length))
    {
      switch type {
      case Self.type("eXIf"): orientation = EXIF.orientation(data) ?? .up
      case Self.type("acTL"): isAnimated = true
      case Self.type("iCCP"): hasProfile = true
      default: break
      }
      cursor.skip(4)
    }
  }

  func notes(name: String) -> [String] {
    var notes: [String] = []
    if isAnimated { notes.append("\(name): animated PNG, only the first frame was read") }
    if hasProfile { notes.append(Self.profileNote(name)) }
    return notes
  }

  static func profileNote(_ name: String) -> String {
    "\(name): the color profile was not applied, its values are taken as sRGB"
  }

  private static func type(_ name: StaticString) -> UInt32 {
    name.withUTF8Buffer { $0.reduce(0) { $0 << 8 | UInt32($1) } }
  }
}

/// What is said of a color profile; none is ever applied.
enum ColorProfile {
  /// Whether a profile, or its name, calls itself sRGB, in ASCII or in UTF-16.
  static func isSRGB(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let (ascii, utf16) = (Array("sRGB".utf8), Array("s\0R\0G\0B".utf8))
    // The description stands near the start.
    let head = bytes.prefix(4096)
    return head.indices.contains { head[$0...].starts(with: ascii) || head[$0...].starts(with: utf16) }
  }

  static func note(_ name: String) -> String {
    "\(name): the color profile was not applied, its values are taken as sRGB"
  }
}

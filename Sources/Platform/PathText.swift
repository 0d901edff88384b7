/// Paths as strings that keep every byte.
///
/// A path is bytes, and not always UTF-8. Bytes that are none become scalars of a private use area, U+10FE80 to U+10FEFF,
/// and bytes again on the way to the system, as surrogates do in Python's PEP 383; the UTF-8 of such a scalar itself is
/// kept byte by byte in the same way, so that no two paths share a string.
package enum PathText {
  private static let base: UInt32 = 0x10_FE00

  /// The string of a path.
  package static func text(_ bytes: some Collection<UInt8>) -> String {
    let bytes = Array(bytes)
    var text = String.UnicodeScalarView()
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var place = 0
    func escape(_ count: Int) {
      for byte in bytes[place..<min(place + count, bytes.count)] { text.append(escaped(byte)) }
      place += count
    }
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .emptyInput: return String(text)
      case .error(let length): escape(length)
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        if unescaped(scalar) == nil {
          text.append(scalar)
          place += encoded.count
        } else {
          escape(encoded.count)
        }
      }
    }
  }

  /// The path of a string.
  package static func bytes(_ text: String) -> [UInt8] {
    // Nearly all paths hold no such scalar, whose first byte is this.
    guard text.utf8.contains(0xF4) else { return Array(text.utf8) }
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      if let byte = unescaped(scalar) { bytes.append(byte) } else { bytes += Array(String(scalar).utf8) }
    }
    return bytes
  }

  /// The path of a string with the zero that C expects behind it.
  static func terminated(_ text: String) -> [CChar] { bytes(text).map { CChar(bitPattern: $0) } + [0] }

  private static func escaped(_ byte: UInt8) -> Unicode.Scalar {
    Unicode.Scalar(base + UInt32(byte)) ?? "\u{FFFD}"
  }

  private static func unescaped(_ scalar: Unicode.Scalar) -> UInt8? {
    (base + 0x80...base + 0xFF).contains(scalar.value) ? UInt8(scalar.value - base) : nil
  }
}

/// The words of the command line without the program's name; words that are not UTF-8 keep their bytes as paths do.
package func commandLineWords() -> [String] {
  (1..<max(Int(CommandLine.argc), 1)).compactMap { index in
    CommandLine.unsafeArgv[index].map { PathText.text(UnsafeRawBufferPointer(start: $0, count: length(of: $0))) }
  }
}

func length(of text: UnsafePointer<CChar>) -> Int {
  var count = 0
  while text[count] != 0 { count += 1 }
  return count
}

import Foundation

/// Parser that finds one string member of a JSON object (RFC 8259) without building the rest of the document, so that
/// megabytes of brackets and numbers from a hostile client take no memory.
struct JSONMembers {
  /// The text is not JSON, is not an object, or is nested too deeply.
  struct Malformed: Error {}

  /// Maximum depth of nested arrays and objects.
  private static let maximumDepth = 64

  private let bytes: UnsafeRawBufferPointer
  /// Offset of the next byte.
  private var place = 0

  /// The value of a string member of the JSON object in `text`, as UTF-8.
  ///
  /// - Returns: `nil` if there is no such member, or it is not a string. Of several with the same name the last counts.
  /// - Throws: `Malformed`.
  static func string(named name: String, in text: Data) throws -> Data? {
    try text.withUnsafeBytes { bytes in
      var members = JSONMembers(bytes)
      return try members.string(named: Data(name.utf8))
    }
  }

  /// A byte order mark before the text, as .NET and PowerShell write it, is ignored (RFC 8259, section 8.1).
  private init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
  }

  private mutating func string(named name: Data) throws -> Data? {
    var found: Data?
    try expect("{")
    if !take("}") {
      repeat {
        let isNamed = try self.string() == name
        try expect(":")
        if isNamed, peek() == UInt8(ascii: "\"") {
          found = try self.string()
        } else {
          try skipValue()
          if isNamed { found = nil }
        }
      } while take(",")
      try expect("}")
    }
    skipSpace()
    guard place == bytes.count else { throw Malformed() }
    return found
  }

  // MARK: Tokens

  private mutating func skipSpace() {
    while place < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[place]) { place += 1 }
  }

  /// The next byte that is not whitespace; `nil` at the end.
  private mutating func peek() -> UInt8? {
    skipSpace()
    return place < bytes.count ? bytes[place] : nil
  }

  private mutating func take(_ token: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: token) else { return false }
    place += 1
    return true
  }

  private mutating func expect(_ token: Unicode.Scalar) throws {
    guard take(token) else { throw Malformed() }
  }

  private mutating func take(word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard place + count <= bytes.count, (0..<count).allSatisfy({ bytes[place + $0] == word.utf8Start[$0] }) else {
      return false
    }
    place += count
    return true
  }

  // MARK: Values

  /// Parses a string and resolves its escapes; each half of a surrogate pair becomes U+FFFD.
  private mutating func string() throws -> Data {
    try expect("\"")
    var text = Data()
    while place < bytes.count {
      let start = place
      while place < bytes.count, bytes[place] >= 0x20, bytes[place] != UInt8(ascii: "\""),
        bytes[place] != UInt8(ascii: "\\")
      { place += 1 }
      text.append(contentsOf: bytes[start..<place])
      guard place < bytes.count, bytes[place] >= 0x20 else { break }
      place += 1
      if bytes[place - 1] == UInt8(ascii: "\"") { return text }
      try appendEscape(to: &text)
    }
    throw Malformed()
  }

  private mutating func appendEscape(to text: inout Data) throws {
    guard place < bytes.count else { throw Malformed() }
    place += 1
    switch bytes[place - 1] {
    case let byte where [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/")].contains(byte): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      // `UInt32` would take a sign too.
      guard place + 4 <= bytes.count, bytes[place..<place + 4].allSatisfy(Self.isHexadecimal),
        let code = UInt32(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
      else { throw Malformed() }
      place += 4
      text.append(contentsOf: String(Unicode.Scalar(code).map(Character.init) ?? "\u{fffd}").utf8)
    default: throw Malformed()
    }
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }

  /// Skips a value of any kind, without recursion.
  private mutating func skipValue() throws {
    // The closing brackets of the open arrays and objects, from the outside in.
    var open: [Unicode.Scalar] = []
    repeat {
      switch peek() {
      case UInt8(ascii: "["):
        place += 1
        open.append("]")
        if peek() != UInt8(ascii: "]") { continue }
      case UInt8(ascii: "{"):
        place += 1
        open.append("}")
        if peek() != UInt8(ascii: "}") {
          try skipName()
          continue
        }
      case UInt8(ascii: "\""): try skipString()
      default: try skipScalar()
      }
      guard open.count <= Self.maximumDepth else { throw Malformed() }
      while let end = open.last, take(end) { open.removeLast() }
      guard let end = open.last else { return }
      try expect(",")
      if end == "}" { try skipName() }
    } while open.count <= Self.maximumDepth
    throw Malformed()
  }

  private mutating func skipName() throws {
    try skipString()
    try expect(":")
  }

  private mutating func skipString() throws {
    try expect("\"")
    while place < bytes.count, bytes[place] >= 0x20 {
      place += 1
      switch bytes[place - 1] {
      case UInt8(ascii: "\""): return
      case UInt8(ascii: "\\"):
        var unused = Data()
        try appendEscape(to: &unused)
      default: break
      }
    }
    throw Malformed()
  }

  /// Skips a number, `true`, `false` or `null`.
  private mutating func skipScalar() throws {
    if take(word: "true") || take(word: "false") || take(word: "null") { return }
    _ = take(word: "-")
    if !take(word: "0") { try skipDigits() }
    if take(word: ".") { try skipDigits() }
    if take(word: "e") || take(word: "E") {
      _ = take(word: "+") || take(word: "-")
      try skipDigits()
    }
  }

  private mutating func skipDigits() throws {
    let start = place
    while place < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place]) { place += 1 }
    guard place > start else { throw Malformed() }
  }
}

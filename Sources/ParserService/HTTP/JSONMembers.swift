import Foundation

/// Finds a string among the members of a JSON object (RFC 8259) without building anything of the rest: the memory that a
/// reader of whole documents takes for megabytes of brackets and numbers is what a hostile client would be after.
struct JSONMembers {
  /// The text is not JSON, not an object, or nests too deeply.
  struct Malformed: Error {}

  private static let deepest = 64

  private let bytes: UnsafeRawBufferPointer
  private var place = 0

  /// The text of the string that a member of the object in `text` is.
  ///
  /// - Returns: Its UTF-8; nil where there is no such member, or where it is no string. Of repetitions the last counts.
  /// - Throws: `Malformed`.
  static func string(named name: String, in text: Data) throws -> Data? {
    try text.withUnsafeBytes { bytes in
      var members = JSONMembers(bytes)
      return try members.string(named: Data(name.utf8))
    }
  }

  private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

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

  /// The next byte that is no white space; nil at the end.
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

  /// The UTF-8 of a string with its escapes undone; halves of surrogate pairs become U+FFFD.
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
      guard place + 4 <= bytes.count,
        let code = UInt32(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
      else { throw Malformed() }
      place += 4
      text.append(contentsOf: String(Unicode.Scalar(code).map(Character.init) ?? "\u{fffd}").utf8)
    default: throw Malformed()
    }
  }

  /// Passes over a value of any kind; arrays and objects without recursion.
  private mutating func skipValue() throws {
    // What has to close, from the outside in.
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
      guard open.count <= Self.deepest else { throw Malformed() }
      while let end = open.last, take(end) { open.removeLast() }
      guard let end = open.last else { return }
      try expect(",")
      if end == "}" { try skipName() }
    } while open.count <= Self.deepest
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

  /// Passes over a number or a word.
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

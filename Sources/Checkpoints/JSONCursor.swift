/// A strict parser of the part of JSON that safetensors headers use: objects, strings, arrays of sizes.
///
/// Unlike a general parser it reports every key, so that duplicates are noticed, and its recursion does not depend on
/// the file.
struct JSONCursor {
  /// A syntax error and its byte offset.
  struct Failure: Error {
    let problem: String
    let offset: Int
  }

  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  func failure(_ problem: String) -> Failure { Failure(problem: problem, offset: offset) }

  /// Reads an object; `member` is called behind each colon and must read the value.
  mutating func object(_ member: (_ key: String, _ json: inout JSONCursor) throws -> Void) throws {
    try expect("{")
    if skip("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try member(key, &self)
    } while skip(",")
    try expect("}")
  }

  /// Reads an array of integers from 0 to `Int.max`, written without sign, fraction or exponent.
  mutating func sizes() throws -> [Int] {
    try expect("[")
    if skip("]") { return [] }
    var sizes: [Int] = []
    repeat { sizes.append(try size()) } while skip(",")
    try expect("]")
    return sizes
  }

  /// Reads a string: valid UTF-8 without control characters, every escape complete.
  mutating func string() throws -> String {
    try expect("\"")
    var text: [UInt8] = []
    while true {
      let plain = bytes[offset...].prefix { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 >= 0x20 }
      text.append(contentsOf: plain)
      offset += plain.count
      switch next() {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else { throw failure("a string is not UTF-8") }
        return string
      case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
      case nil: throw failure("a string does not end")
      default: throw failure("a control character in a string")
      }
    }
  }

  /// Checks that nothing but white space follows.
  mutating func end() throws {
    skipSpace()
    guard offset == bytes.count else { throw failure("unexpected text after the header's object") }
  }

  private mutating func size() throws -> Int {
    skipSpace()
    let digits = bytes[offset...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let first = digits.first, digits.count == 1 || first != UInt8(ascii: "0") else {
      throw failure("expected an integer that is not negative")
    }
    var value = 0
    for digit in digits {
      let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = shifted.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
      if overflow || carry { throw failure("an integer beyond 64 bits") }
      value = sum
    }
    offset += digits.count
    return value
  }

  /// Reads what follows a backslash, as UTF-8.
  private mutating func escape() throws -> [UInt8] {
    switch next() {
    case UInt8(ascii: "\""): return [UInt8(ascii: "\"")]
    case UInt8(ascii: "\\"): return [UInt8(ascii: "\\")]
    case UInt8(ascii: "/"): return [UInt8(ascii: "/")]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"):
      var units = [try codeUnit()]
      if UTF16.isLeadSurrogate(units[0]) {
        guard next() == UInt8(ascii: "\\"), next() == UInt8(ascii: "u") else { throw failure("half a surrogate pair") }
        units.append(try codeUnit())
      }
      guard let text = String(validating: units, as: UTF16.self) else { throw failure("half a surrogate pair") }
      return [UInt8](text.utf8)
    default: throw failure("an unknown escape in a string")
    }
  }

  private mutating func codeUnit() throws -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = next().flatMap({ Character(UnicodeScalar($0)).hexDigitValue }) else {
        throw failure("\\u without four hexadecimal digits")
      }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }

  private mutating func next() -> UInt8? {
    guard offset < bytes.count else { return nil }
    defer { offset += 1 }
    return bytes[offset]
  }

  private mutating func skipSpace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): offset += 1
      default: return
      }
    }
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    guard skip(character) else { throw failure("expected \(character)") }
  }
}

/// The names of a sequence's frames: `shot.####.png`, `shot.%04d.png`, `shot.$F4.png` or `shot.@@@@.png`.
///
/// One `#` stands for four digits and several for as many as there are; each `@` stands for one; `%04d` and `$F4` say
/// how many, `%d` and `$F` stand for one. Digits are a minimum: the frame after `shot.999.png` is `shot.1000.png`.
///
/// Names are bytes: two that differ only in Unicode normalization are two.
package struct FramePattern: Sendable {
  /// Folder of the frames; "." for the current one.
  package var folder: String
  /// What a name says before the number.
  package var prefix: String
  /// Least number of digits.
  package var padding: Int
  /// What a name says after the number.
  package var suffix: String

  package init(folder: String, prefix: String, padding: Int, suffix: String) {
    self.folder = folder
    self.prefix = prefix
    self.padding = padding
    self.suffix = suffix
  }

  /// The pattern that a path with one token spells; `nil` for a path without a token.
  ///
  /// - Throws: ``FrameSequenceError`` (`invalidText`) for tokens in the folder, or several in the name.
  package init?(path: String) throws(FrameSequenceError) {
    // A byte of its own, also before a combining mark, with which it is one character.
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = slash.map { path[path.utf8.index(after: $0)...] } ?? path[...]
    let tokens = Self.tokens(in: name)
    guard let token = tokens.first else { return nil }
    guard tokens.count == 1 else {
      let found = tokens.map { "\(name[$0.range])" }.joined(separator: " and ")
      throw FrameSequenceError(.invalidText, "\(path): expected one place for the frame's number, found \(found)")
    }
    self.init(
      folder: folder, prefix: String(name[..<token.range.lowerBound]), padding: token.padding,
      suffix: String(name[token.range.upperBound...]))
  }

  /// The pattern as artists write it, such as `shot.####.png`; a minimum of one digit is `shot.%d.png`.
  package var name: String {
    let token = padding > 1 ? String(repeating: "#", count: padding) : "%d"
    return prefix + token + suffix
  }

  /// The pattern after its folder.
  package var path: String { folder == "." ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)" }

  /// A frame number in the pattern's digits; a minus sign counts as one, as in C's `%04d`.
  package func digits(of number: Int) -> String {
    let digits = String(number.magnitude)
    let sign = number < 0 ? "-" : ""
    return sign + String(repeating: "0", count: max(padding - sign.count - digits.count, 0)) + digits
  }

  /// The digits of the frame number in a file name of this pattern, with its sign; `nil` for other names.
  ///
  /// A negative number may have its minimum of digits with the sign or without.
  package func digits(in name: String) -> Substring? {
    let (bytes, before, after) = (name.utf8, prefix.utf8, suffix.utf8)
    guard bytes.starts(with: before), bytes.reversed().starts(with: after.reversed()),
      bytes.count > before.count + after.count
    else { return nil }
    let text = Substring(bytes.dropFirst(before.count).dropLast(after.count))
    let digits = text.first == "-" ? text.dropFirst() : text
    guard !digits.isEmpty, digits.allSatisfy(\.isDigit), text.count >= padding else { return nil }
    // More than the minimum is there only where the number needs it.
    guard digits.count <= padding || digits.first != "0" else { return nil }
    return text
  }

  private static func tokens(in name: Substring) -> [(range: Range<Substring.Index>, padding: Int)] {
    var tokens: [(range: Range<Substring.Index>, padding: Int)] = []
    var rest = name
    while !rest.isEmpty {
      if let token = token(at: rest) {
        tokens.append((rest.startIndex..<token.end, token.padding))
        rest = rest[token.end...]
      } else {
        rest = rest.dropFirst()
      }
    }
    return tokens
  }

  /// The token at the start of a text.
  private static func token(at text: Substring) -> (end: Substring.Index, padding: Int)? {
    switch text.first {
    case "#", "@":
      let run = text.prefix { $0 == text.first }
      return (run.endIndex, text.first == "#" && run.count == 1 ? 4 : run.count)
    case "%":
      let digits = text.dropFirst().prefix(while: \.isDigit)
      guard text[digits.endIndex...].first == "d", let padding = padding(of: digits) else { return nil }
      return (text.index(after: digits.endIndex), padding)
    case "$":
      guard text.dropFirst().first == "F" else { return nil }
      let digits = text.dropFirst(2).prefix(while: \.isDigit)
      return padding(of: digits).map { (digits.endIndex, $0) }
    default: return nil
    }
  }

  /// Longest padding that a token may ask for: more digits than any frame number has.
  private static let mostDigits = 18

  private static func padding(of digits: Substring) -> Int? {
    if digits.isEmpty { return 1 }
    guard let count = Int(digits), count <= mostDigits else { return nil }
    return max(count, 1)
  }
}

extension FramePattern: Hashable {
  package static func == (a: FramePattern, b: FramePattern) -> Bool { a.bytes == b.bytes && a.padding == b.padding }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(bytes)
    hasher.combine(padding)
  }

  private var bytes: [[UInt8]] { [folder, prefix, suffix].map { Array($0.utf8) } }
}

extension Character {
  /// Whether this is one of the ten digits of ASCII.
  var isDigit: Bool { isASCII && isNumber }
}

/// A header field such as `multipart/form-data; boundary="x"`: a value and its parameters (RFC 9110, section 5.6.6).
struct HeaderValue {
  /// In lower case.
  let value: String
  /// By name in lower case; of repetitions the first.
  let parameters: [String: String]

  init(_ text: String) {
    var rest = text[...]
    value = Self.token(&rest).lowercased()
    var parameters: [String: String] = [:]
    while rest.popFirst() != nil {
      let name = Self.token(&rest, until: "=;").lowercased()
      guard rest.first == "=" else { continue }
      rest.removeFirst()
      let value = rest.first == "\"" ? Self.quoted(&rest) : Self.token(&rest)
      if parameters[name] == nil { parameters[name] = value }
    }
    self.parameters = parameters
  }

  /// What comes before a separator, without white space around it.
  private static func token(_ rest: inout Substring, until separators: String = ";") -> String {
    let end = rest.firstIndex { separators.contains($0) } ?? rest.endIndex
    defer { rest = rest[end...] }
    let text = rest[..<end].drop(while: \.isWhitespace)
    return String(text.reversed().drop(while: \.isWhitespace).reversed())
  }

  /// A quoted string, up to the separator after it.
  private static func quoted(_ rest: inout Substring) -> String {
    rest.removeFirst()
    var text = ""
    while let character = rest.popFirst(), character != "\"" {
      text.append(character == "\\" ? rest.popFirst() ?? character : character)
    }
    _ = token(&rest)
    return text
  }
}

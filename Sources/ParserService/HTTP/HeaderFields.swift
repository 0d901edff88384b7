import HTTPTypes

// Header fields that HTTPTypes does not name.
extension HTTPField.Name {
  /// `hit` if the response came from the cache, otherwise `miss`.
  static let xCache = known("X-Cache")
  static let xRequestID = known("X-Request-Id")
  static let serverTiming = known("Server-Timing")
  static let referrerPolicy = known("Referrer-Policy")
  static let permissionsPolicy = known("Permissions-Policy")
  static let crossOriginOpenerPolicy = known("Cross-Origin-Opener-Policy")
  static let crossOriginResourcePolicy = known("Cross-Origin-Resource-Policy")

  private static func known(_ name: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(name) else { preconditionFailure("invalid name of a header field") }
    return name
  }
}

/// A field value such as `multipart/form-data; boundary="x"`: a value and its parameters (RFC 9110, section 5.6.6).
///
/// Hummingbird's `MediaType` does not suffice for bodies: it keeps one parameter only, and rejects types with a dot such as
/// `image/vnd.mozilla.apng`.
struct ParameterizedValue {
  /// The value before the parameters, in lower case.
  let value: String
  /// The parameters by their names in lower case; of several with the same name the first.
  let parameters: [String: String]

  init(_ text: String) {
    var rest = text[...]
    value = Self.token(&rest).lowercased()
    var parameters: [String: String] = [:]
    while rest.popFirst() != nil {
      let name = Self.token(&rest, until: "=;").lowercased()
      guard rest.first == "=" else { continue }
      rest.removeFirst()
      let value = rest.first == "\"" ? Self.quotedString(&rest) : Self.token(&rest)
      if parameters[name] == nil { parameters[name] = value }
    }
    self.parameters = parameters
  }

  /// Removes and returns the text before the next separator, without whitespace around it.
  private static func token(_ rest: inout Substring, until separators: String = ";") -> String {
    let end = rest.firstIndex { separators.contains($0) } ?? rest.endIndex
    defer { rest = rest[end...] }
    let text = rest[..<end].drop(while: \.isWhitespace)
    return String(text.reversed().drop(while: \.isWhitespace).reversed())
  }

  /// Removes a quoted string and everything up to the next separator; returns the string without quotes and escapes.
  private static func quotedString(_ rest: inout Substring) -> String {
    rest.removeFirst()
    var text = ""
    while let character = rest.popFirst(), character != "\"" {
      text.append(character == "\\" ? rest.popFirst() ?? character : character)
    }
    _ = token(&rest)
    return text
  }
}

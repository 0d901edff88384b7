package import Foundation

/// Strict parser of `multipart/form-data` bodies (RFC 7578, RFC 2046 section 5.1), limited to what the service needs.
package struct MultipartForm {
  /// One field of the form.
  package struct Part: Equatable {
    package let name: String
    package let content: Data
  }

  package let parts: [Part]

  private static let maximumParts = 32
  private static let maximumHeaderBytes = 8192

  /// - Parameters:
  ///   - body: The complete body.
  ///   - boundary: The boundary that `Content-Type` names.
  /// - Throws: `ServiceError` with the code `badRequest`.
  package init(_ body: Data, boundary: String) throws(ServiceError) {
    let delimiter = Data("\r\n--\(boundary)".utf8)
    var parts: [Part] = []
    // Without a preamble, the first delimiter has no line break before it.
    var rest: Data
    if body.starts(with: delimiter.dropFirst(2)) {
      rest = body.dropFirst(delimiter.count - 2)
    } else if let preamble = body.range(of: delimiter) {
      rest = body[preamble.upperBound...]
    } else {
      throw Self.error("expected the boundary that Content-Type names, found none")
    }
    while !rest.starts(with: Data("--".utf8)) {
      guard parts.count < Self.maximumParts else { throw Self.error("expected at most \(Self.maximumParts) fields") }
      rest = try Self.afterLineBreak(rest)
      guard let end = rest.range(of: delimiter) else { throw Self.error("a field has no end") }
      parts.append(try Self.part(rest[..<end.lowerBound]))
      rest = rest[end.upperBound...]
    }
    self.parts = parts
  }

  /// The bytes after the line break that ends a delimiter, which whitespace may precede.
  private static func afterLineBreak(_ bytes: Data) throws(ServiceError) -> Data {
    let rest = bytes.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    guard rest.starts(with: Data("\r\n".utf8)) else { throw error("a boundary is not followed by CR and LF") }
    return rest.dropFirst(2)
  }

  private static func part(_ bytes: Data) throws(ServiceError) -> Part {
    let blank = Data("\r\n\r\n".utf8)
    guard let end = bytes.prefix(maximumHeaderBytes).range(of: blank) else {
      throw error("a field has no header, or one of more than \(maximumHeaderBytes) bytes")
    }
    // Names of files may be of any bytes, and do not matter here.
    let header = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
      // Lines that begin with white space go on with the one before (RFC 5322, section 2.2.3).
      .replacing("\r\n ", with: " ").replacing("\r\n\t", with: " ")
    var name: String?
    for line in header.split(separator: "\r\n") {
      guard let colon = line.firstIndex(of: ":") else { throw error("a header line of a field has no colon") }
      let value = ParameterizedValue(String(line[line.index(after: colon)...]))
      switch line[..<colon].lowercased() {
      case "content-disposition": name = name ?? (value.value == "form-data" ? value.parameters["name"] : nil)
      case "content-transfer-encoding" where !["7bit", "8bit", "binary"].contains(value.value):
        throw error("Content-Transfer-Encoding: expected binary, which it is without this field, found another one")
      default: break
      }
    }
    guard let name else { throw error("a field has no Content-Disposition with a name") }
    return Part(name: name, content: Data(bytes[end.upperBound...]))
  }

  private static func error(_ reason: String) -> ServiceError {
    ServiceError(.badRequest, "multipart/form-data: \(reason)")
  }
}

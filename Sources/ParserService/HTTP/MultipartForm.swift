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
    guard rest.starts(with: Data("\r\n".utf8)) else { throw error("a boundary is not followed by a line break") }
    return rest.dropFirst(2)
  }

  private static func part(_ bytes: Data) throws(ServiceError) -> Part {
    let blank = Data("\r\n\r\n".utf8)
    guard let end = bytes.prefix(maximumHeaderBytes).range(of: blank) else {
      throw error("a field has no header, or one of more than \(maximumHeaderBytes) bytes")
    }
    guard let header = String(data: bytes[..<end.lowerBound], encoding: .utf8) else {
      throw error("the header of a field is not UTF-8")
    }
    for line in header.split(separator: "\r\n") {
      guard let colon = line.firstIndex(of: ":") else { throw error("a header line of a field has no colon") }
      guard line[..<colon].lowercased() == "content-disposition" else { continue }
      let value = ParameterizedValue(String(line[line.index(after: colon)...]))
      guard value.value == "form-data", let name = value.parameters["name"] else { break }
      return Part(name: name, content: Data(bytes[end.upperBound...]))
    }
    throw error("a field has no Content-Disposition with a name")
  }

  private static func error(_ reason: String) -> ServiceError {
    ServiceError(.badRequest, "multipart/form-data: \(reason)")
  }
}

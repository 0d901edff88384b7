package import Foundation

/// Extraction of the picture from a request's body: raw, in a form, or in JSON.
package enum ImageBody {
  /// The bytes of the picture.
  ///
  /// - Parameters:
  ///   - body: The complete body.
  ///   - contentType: The `Content-Type` field; with `nil` the body is the picture.
  /// - Throws: `ServiceError` with the code `unsupportedMediaType` or `badRequest`.
  package static func image(in body: Data, contentType: String?) throws(ServiceError) -> Data {
    let header = contentType.map { ParameterizedValue($0) }
    let image: Data
    switch header?.value {
    case nil, "", "application/octet-stream": image = body
    case "application/json": image = try fromJSON(body)
    case "multipart/form-data": image = try fromForm(body, boundary: header?.parameters["boundary"])
    case let type? where type.hasPrefix("image/"): image = body
    default:
      throw ServiceError(
        .unsupportedMediaType,
        "expected Content-Type application/json, multipart/form-data, image/… or application/octet-stream")
    }
    guard !image.isEmpty else { throw ServiceError(.badRequest, "expected a picture, found no bytes") }
    return image
  }

  private static func fromJSON(_ body: Data) throws(ServiceError) -> Data {
    guard let text = try? JSONMembers.string(named: "image", in: body) else {
      throw ServiceError(.badRequest, "expected JSON such as {\"image\": \"<base64>\"}")
    }
    guard let image = Data(base64Encoded: canonicalBase64(withoutScheme(text))) else {
      throw ServiceError(.badRequest, "image: expected base64 (RFC 4648, section 4 or 5)")
    }
    return image
  }

  /// Base64 in the standard alphabet with padding, of what clients send: with line breaks (MIME, PEM), in the alphabet for
  /// URLs, or without padding.
  private static func canonicalBase64(_ text: Data) -> Data {
    var canonical = Data(capacity: text.count + 2)
    for byte in text {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): continue
      case UInt8(ascii: "-"): canonical.append(UInt8(ascii: "+"))
      case UInt8(ascii: "_"): canonical.append(UInt8(ascii: "/"))
      default: canonical.append(byte)
      }
    }
    if canonical.last != UInt8(ascii: "=") {
      canonical.append(contentsOf: repeatElement(UInt8(ascii: "="), count: (4 - canonical.count % 4) % 4))
    }
    return canonical
  }

  /// The text without a prefix such as `data:image/png;base64,`, which browsers produce.
  private static func withoutScheme(_ text: Data) -> Data {
    // Schemes are of any case (RFC 3986, section 3.1).
    guard String(decoding: text.prefix(5), as: UTF8.self).lowercased() == "data:",
      let comma = text.prefix(128).firstIndex(of: UInt8(ascii: ","))
    else {
      return text
    }
    return text[(comma + 1)...]
  }

  private static func fromForm(_ body: Data, boundary: String?) throws(ServiceError) -> Data {
    guard let boundary, (1...70).contains(boundary.utf8.count) else {
      throw ServiceError(.badRequest, "Content-Type: expected a boundary of 1 to 70 characters")
    }
    let files = try MultipartForm(body, boundary: boundary).parts.filter { $0.name == "file" }
    guard files.count == 1, let file = files.first else {
      throw ServiceError(.badRequest, "expected one field named file, found \(files.count)")
    }
    return file.content
  }
}

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
    guard let image = Data(base64Encoded: withoutScheme(text)) else {
      throw ServiceError(.badRequest, "image: expected base64 (RFC 4648, section 4), with padding")
    }
    return image
  }

  /// The text without a prefix such as `data:image/png;base64,`, which browsers produce.
  private static func withoutScheme(_ text: Data) -> Data {
    guard text.starts(with: Data("data:".utf8)), let comma = text.prefix(128).firstIndex(of: UInt8(ascii: ",")) else {
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

package import HTTPTypes
import ImageCoding
import MaskMerging

/// The reason why a request failed, as the JSON of a 4xx or 5xx response states it.
package struct ServiceError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Machine-readable reason; the raw values are part of the API.
  package enum Code: String, Sendable, CaseIterable {
    case badRequest = "bad_request"
    case badImage = "bad_image"
    case unauthorized
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case notAcceptable = "not_acceptable"
    case requestTimeout = "request_timeout"
    case tooLarge = "too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case headersTooLarge = "headers_too_large"
    case internalError = "internal_error"
    case overloaded
    case timeout
    case notReady = "not_ready"
    case clientLeft = "client_left"

    package var status: HTTPResponse.Status {
      switch self {
      case .badRequest, .badImage: .badRequest
      case .unauthorized: .unauthorized
      case .notFound: .notFound
      case .methodNotAllowed: .methodNotAllowed
      case .notAcceptable: .notAcceptable
      case .requestTimeout: .requestTimeout
      case .tooLarge: .contentTooLarge
      case .unsupportedMediaType: .unsupportedMediaType
      case .headersTooLarge: .requestHeaderFieldsTooLarge
      case .internalError: .internalServerError
      case .overloaded, .timeout, .notReady: .serviceUnavailable
      // Only for log and metrics, since no client receives it.
      case .clientLeft: .init(code: 499, reasonPhrase: "Client Left")
      }
    }
  }

  package let code: Code
  /// Description of what was expected and what was found. Of the request it contains only names and numbers.
  package let message: String
  /// Seconds after which a retry may succeed.
  package var retryAfter: Int?
  /// The allowed methods of the path.
  package var allow: String?

  package init(_ code: Code, _ message: String, retryAfter: Int? = nil, allow: String? = nil) {
    self.code = code
    self.message = message
    self.retryAfter = retryAfter
    self.allow = allow
  }

  package var description: String { message }

  package var headers: HTTPFields {
    var headers: HTTPFields = [.contentType: "application/json; charset=utf-8"]
    if let retryAfter { headers[.retryAfter] = String(retryAfter) }
    if let allow { headers[.allow] = allow }
    if code == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
    return headers
  }

  /// `{"success": false, "code": …, "message": …}` and a newline.
  package var json: String {
    "{\"success\":false,\"code\":\"\(code.rawValue)\",\"message\":\(message.jsonQuoted)}\n"
  }

  /// The service error for an error of any kind.
  package init(_ error: any Error) {
    switch error {
    case let error as ServiceError: self = error
    case let error as ImageCodingError where error.code == .tooLarge: self.init(.tooLarge, error.message)
    case let error as ImageCodingError: self.init(.badImage, error.message)
    case let error as MaskMergingError where error.code == .unknownLabel: self.init(.badRequest, error.message)
    case is CancellationError: self.init(.notReady, "the service is shutting down")
    default: self.init(.internalError, "the request failed inside the service; its log has the details")
    }
  }
}

extension String {
  /// The text as a JSON string.
  fileprivate var jsonQuoted: String {
    var quoted = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\u{0}"..<"\u{20}", "\u{7f}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

import HTTPTypes

// Names that HTTPTypes does not know.
extension HTTPField.Name {
  /// `hit` or `miss`.
  static let xCache = known("X-Cache")
  static let xRequestID = known("X-Request-Id")
  static let serverTiming = known("Server-Timing")
  static let referrerPolicy = known("Referrer-Policy")
  static let permissionsPolicy = known("Permissions-Policy")
  static let crossOriginOpenerPolicy = known("Cross-Origin-Opener-Policy")
  static let crossOriginResourcePolicy = known("Cross-Origin-Resource-Policy")

  private static func known(_ name: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(name) else { preconditionFailure("a valid name of a header field") }
    return name
  }
}

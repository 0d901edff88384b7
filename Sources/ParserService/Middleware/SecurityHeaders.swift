import HTTPTypes
import Hummingbird

/// Middleware that adds security headers to every response.
struct SecurityHeaders: RouterMiddleware {
  typealias Context = ServiceContext

  /// Only resources of the same origin, none inline; images also from `blob:` and `data:` URLs, which the page creates.
  static let contentSecurityPolicy = """
    default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'
    """

  static let headers: HTTPFields = [
    .contentSecurityPolicy: contentSecurityPolicy, .xContentTypeOptions: "nosniff", .referrerPolicy: "no-referrer",
    .permissionsPolicy: "camera=(), microphone=(), geolocation=()", .crossOriginOpenerPolicy: "same-origin",
    .crossOriginResourcePolicy: "same-origin",
  ]

  func handle(
    _ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    var response = try await next(request, context)
    for header in Self.headers { response.headers[header.name] = header.value }
    return response
  }
}

import HTTPTypes
import Hummingbird

/// What every answer carries so that a browser does no more with it than it should.
struct SecurityHeaders: RouterMiddleware {
  typealias Context = ServiceContext

  /// Nothing from elsewhere, nothing inline; pictures also from memory, which is where the page makes them.
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

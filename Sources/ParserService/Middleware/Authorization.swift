import Digests
import HTTPTypes
import Hummingbird

/// Middleware that requires the bearer token.
struct Authorization: RouterMiddleware {
  typealias Context = ServiceContext

  /// Digest of the token. Digests are compared, so that the duration of a comparison discloses nothing about the token.
  private let digest: SHA256Digest

  init(token: String) { digest = SHA256Digest(of: Array(token.utf8)) }

  func handle(
    _ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    guard isAuthorized(request) else {
      throw ServiceError(.unauthorized, "expected Authorization: Bearer and the service's token")
    }
    return try await next(request, context)
  }

  private func isAuthorized(_ request: Request) -> Bool {
    guard let header = request.headers[.authorization] else { return false }
    let words = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard words.count == 2, words[0].lowercased() == "bearer" else { return false }
    return SHA256Digest(of: Array(words[1].utf8)) == digest
  }
}

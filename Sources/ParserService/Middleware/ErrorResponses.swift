import HTTPTypes
import Hummingbird
import Logging

/// Middleware that converts errors into JSON responses, and answers 405 if a path has no such method.
struct ErrorResponses: RouterMiddleware {
  typealias Context = ServiceContext

  /// The methods of each path.
  let methods: [String: [HTTPRequest.Method]]
  let logger: Logger

  func handle(
    _ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch {
      let failure = serviceError(error, for: request)
      if failure.code == .internalError {
        logger.error("internal error", metadata: ["error": "\(error)", "request_id": "\(context.requestID)"])
      }
      let response = Response(
        status: failure.code.status, headers: failure.headers,
        body: ResponseBody(byteBuffer: .init(string: failure.json)))
      // What followed the head of a response to HEAD would be taken for the next response (RFC 9110, section 9.3.2).
      return request.method == .head ? response.createHeadResponse() : response
    }
  }

  private func serviceError(_ error: any Error, for request: Request) -> ServiceError {
    guard let status = (error as? any HTTPResponseError)?.status else { return ServiceError(error) }
    guard status == .notFound else { return ServiceError(.badRequest, "the request cannot be understood") }
    guard let methods = methods[request.uri.path] else { return ServiceError(.notFound, "there is no such path") }
    let names = methods.map(\.rawValue).joined(separator: ", ")
    return ServiceError(.methodNotAllowed, "expected \(names)", allow: names)
  }
}

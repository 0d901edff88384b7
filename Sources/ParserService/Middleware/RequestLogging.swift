import HTTPTypes
import Hummingbird
import Logging

/// Middleware that logs and counts each request, without contents of pictures and queries.
struct RequestLogging: RouterMiddleware {
  typealias Context = ServiceContext

  let metrics: ServiceMetrics
  let logger: Logger
  /// Paths that appear in log and metrics; all others are "other", so that clients cannot make the metrics grow.
  let paths: Set<String>
  /// Paths that are polled, which are logged at the level `debug`.
  let quiet: Set<String>

  func handle(
    _ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    var context = context
    if let id = request.headers[.xRequestID], Self.isIdentifier(id) { context.requestID = id }
    var response = try await next(request, context)
    response.headers[.xRequestID] = context.requestID
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let path = paths.contains(request.uri.path) ? request.uri.path : "other"
    let method = Self.methods.contains(request.method) ? request.method.rawValue : "other"
    metrics.record(path: path, method: method, status: response.status.code, seconds: seconds)
    var metadata: Logger.Metadata = [
      "request_id": "\(context.requestID)", "method": "\(method)", "path": "\(path)",
      "status": "\(response.status.code)", "duration_ms": "\((seconds * 10000).rounded() / 10)",
      "bytes_in": "\(request.headers[.contentLength] ?? "-")",
      "bytes_out": "\(response.headers[.contentLength] ?? "-")",
    ]
    if let cache = response.headers[.xCache] { metadata["cache"] = "\(cache)" }
    logger.log(level: quiet.contains(path) ? .debug : .info, "request", metadata: metadata)
    return response
  }

  private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .delete, .options, .patch]

  /// Whether a client's identifier is safe to log.
  private static func isIdentifier(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}

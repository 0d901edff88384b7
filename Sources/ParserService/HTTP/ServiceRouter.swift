import Foundation
import HTTPTypes
import HumanParsing
import Hummingbird
import Logging
import MaskMerging
import NIOCore

/// Context of a request.
struct ServiceContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel
  /// Identifier in the log and in the `X-Request-Id` field of the response.
  var requestID: String

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
    requestID = String(UInt64.random(in: .min ... .max), radix: 36)
  }
}

/// Routes of the service.
struct ServiceRouter {
  let model: ModelDescription
  let engine: ParsingEngine
  let connections: ConnectionTable
  let page: PageFiles
  let metrics: ServiceMetrics
  let configuration: ServiceConfiguration
  let version: String
  let logger: Logger

  /// The methods of each path, as in the description of the API.
  static let methods: [String: [HTTPRequest.Method]] = {
    var methods: [String: [HTTPRequest.Method]] = [
      "/api/parse": [.post], "/api/masks": [.post], "/api/labels": [.get, .head], "/api/health": [.get, .head],
      "/api/ready": [.get, .head], "/metrics": [.get, .head],
    ]
    for (path, _, _) in PageFiles.names { methods[path] = [.get, .head] }
    return methods
  }()

  func router() -> Router<ServiceContext> {
    let router = Router(context: ServiceContext.self, options: [.autoGenerateHeadEndpoints])
    router.add(
      middleware: RequestLogging(
        metrics: metrics, logger: logger, paths: Set(Self.methods.keys),
        quiet: ["/api/health", "/api/ready", "/metrics"]))
    router.add(middleware: SecurityHeaders())
    router.add(middleware: ErrorResponses(methods: Self.methods, logger: logger))
    // Routes that cost work or disclose something about the service. Authorization belongs to the routes, not to their
    // paths, because a path can be written in more than one way.
    let guarded = router.group()
    if let token = configuration.token { guarded.add(middleware: Authorization(token: token)) }
    addParsing(to: guarded)
    addMetrics(to: guarded)
    addStatus(to: router)
    for (path, _, _) in PageFiles.names {
      router.get(RouterPath(path)) { request, _ in try page.response(for: path, to: request) }
    }
    return router
  }

  private func addParsing(to router: RouterGroup<ServiceContext>) {
    let bodies = BodyReader(limits: configuration.limits)
    for (path, masksOnly) in [("/api/parse", false), ("/api/masks", true)] {
      let route = ParseRoute(
        engine: engine, bodies: bodies, connections: connections, classes: model.classes.map { Label($0) },
        time: configuration.limits.parseTime, masksOnly: masksOnly)
      router.post(RouterPath(path)) { request, context in try await route.respond(to: request, context) }
    }
  }

  private func addStatus(to router: Router<ServiceContext>) {
    router.get("/api/health") { _, _ in
      try Self.json(["status": "ok", "version": version, "weights": model.name])
    }
    router.get("/api/ready") { _, _ in
      guard !connections.isDraining else { throw ServiceError(.notReady, "the service is shutting down") }
      return try Self.json(["status": "ready"])
    }
    router.get("/api/labels") { request, _ in
      let query = try Query(request.uri, allowing: ["palette"])
      let palette = try query.choice(
        "palette", among: ParseOptions.PaletteName.allCases.map { ($0.rawValue, $0) }, otherwise: .film)
      return try Self.json(LabelsResponse(model: model, palette: palette, limits: configuration.limits))
    }
  }

  private func addMetrics(to router: RouterGroup<ServiceContext>) {
    router.get("/metrics") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.text)))
    }
  }

  private static func json(_ value: some Encodable) throws -> Response {
    Response(
      status: .ok, headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: try ResponseJSON.data(value) + [UInt8(ascii: "\n")])))
  }
}

import Foundation
import HTTPTypes
import HumanParsing
import Hummingbird
import MaskMerging
import NIOPosix

/// Handler of `POST /api/parse` and `POST /api/masks`.
struct ParseRoute: Sendable {
  let engine: ParsingEngine
  let bodies: BodyReader
  let connections: ConnectionTable
  let classes: [Label]
  /// Time limit of a request.
  let time: Duration
  /// Whether the response is the list of masks only.
  let masksOnly: Bool

  func respond(to request: Request, _ context: ServiceContext) async throws -> Response {
    let options = try options(of: request)
    try checkEncoding(of: request)
    let client = connections.connection(of: context.channel)
    let start = ContinuousClock.now
    return try await bodies.withBody(of: request, from: client) { body in
      let contentType = request.headers[.contentType]
      // Base64 and SHA-256 of megabytes would block the threads that all requests share.
      let (image, key) = try await NIOThreadPool.singleton.runIfActive {
        let image = try ImageBody.image(in: body, contentType: contentType)
        return (image, ParseKey(image: image, options: options))
      }
      let remaining = time - (ContinuousClock.now - start)
      let (response, cached) = try await engine.response(for: image, key: key, within: remaining, client: client)
      return Self.response(response, cached: cached)
    }
  }

  private func options(of request: Request) throws -> ParseOptions {
    let acceptance =
      masksOnly
      ? .json : try ParseOptions.Acceptance(header: request.headers[values: .accept].joined(separator: ","))
    return try ParseOptions(
      Query(request.uri, allowing: ParseOptions.queryNames), classes: classes, acceptance: acceptance,
      masksOnly: masksOnly)
  }

  /// Compressed bodies are refused: a few bytes of them may be any number of bytes.
  private func checkEncoding(of request: Request) throws(ServiceError) {
    let plain = ["", "identity", "chunked"]
    for field in [HTTPField.Name.contentEncoding, .transferEncoding]
    where !plain.contains(request.headers[field]?.lowercased() ?? "") {
      throw ServiceError(.unsupportedMediaType, "\(field.rawName): expected a body that is not compressed")
    }
  }

  private static func response(_ response: EncodedResponse, cached: Bool) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: response.content.rawValue, .cacheControl: "no-store", .xCache: cached ? "hit" : "miss",
        .serverTiming: response.serverTiming, .vary: "Accept",
      ],
      body: ResponseBody(contentsOf: response.bytes(cached: cached)))
  }
}

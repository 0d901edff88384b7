import Foundation
import HTTPTypes
import HumanParsing
import Hummingbird
import MaskMerging
import NIOPosix

/// `POST /api/parse` and `POST /api/masks`.
struct ParseRoute: Sendable {
  let engine: ParsingEngine
  let bodies: BodyReader
  let connections: ConnectionTable
  let classes: [Label]
  let time: Duration
  /// Whether the answer is the list of masks alone.
  let masksOnly: Bool

  func respond(to request: Request, _ context: ServiceContext) async throws -> Response {
    let options = try options(of: request)
    let client = connections.connection(of: context.channel)
    let start = ContinuousClock.now
    return try await bodies.withBody(of: request, from: client) { body in
      let contentType = request.headers[.contentType]
      // Base64 and SHA-256 of megabytes are no work for the threads that every request shares.
      let (image, key) = try await NIOThreadPool.singleton.runIfActive {
        let image = try ImageBody.image(in: body, contentType: contentType)
        return (image, ParseKey(image: image, options: options))
      }
      let rest = time - (ContinuousClock.now - start)
      let (answer, cached) = try await engine.answer(for: image, key: key, within: rest, client: client)
      return Self.response(answer, cached: cached)
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

  private static func response(_ answer: ParseAnswer, cached: Bool) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: answer.content.rawValue, .cacheControl: "no-store", .xCache: cached ? "hit" : "miss",
        .serverTiming: answer.serverTiming, .vary: "Accept",
      ],
      body: ResponseBody(contentsOf: answer.bytes(cached: cached)))
  }
}

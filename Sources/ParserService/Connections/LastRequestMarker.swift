import NIOCore
import NIOHTTP1

/// Handler that marks the last request of a connection with `Connection: close`, before what only HTTP/1 knows is lost on the
/// way to the rest of the service: its version, and the other words of the field.
///
/// The last one is a request of HTTP/1.0, one with the word `close` among others, and one that offers another protocol
/// (`Upgrade: h2c`): the offer is not taken, but the parser reads nothing more behind it as HTTP.
final class LastRequestMarker: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart

  /// Whether the client may be sent informational responses, which HTTP/1.0 does not know.
  private(set) var knowsInformational = true

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
    let words = head.headers[canonicalForm: "connection"].map { $0.lowercased() }
    knowsInformational = head.version.major > 1 || head.version.major == 1 && head.version.minor > 0
    if !knowsInformational || words.contains("close") || words.contains("upgrade") {
      head.headers.replaceOrAdd(name: "Connection", value: "close")
    }
    context.fireChannelRead(wrapInboundOut(.head(head)))
  }
}

import NIOCore
import NIOHTTP1

/// Handler that marks the last request of a connection with `Connection: close`, before what only HTTP/1 knows is lost on the
/// way to the rest of the service: its version, and the other words of the field.
///
/// The last one is a request of HTTP/1.0, one with the word `close` among others, and one that offers another protocol
/// (`Upgrade: h2c`): the offer is not taken, but the parser reads nothing more behind it as HTTP. A request with several Host
/// fields, or with none in HTTP/1.1, is passed on as an error (RFC 9112, section 3.2).
final class LastRequestMarker: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart

  /// Whether the client may be sent informational responses, which HTTP/1.0 does not know.
  private(set) var knowsInformational = true

  /// Whether the rest of a refused request is discarded.
  private var isRefusing = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isRefusing else { return }
    guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
    let words = head.headers[canonicalForm: "connection"].map { $0.lowercased() }
    knowsInformational = head.version.major > 1 || head.version.major == 1 && head.version.minor > 0
    let hosts = head.headers["host"].count
    guard hosts == 1 || hosts == 0 && !knowsInformational else {
      isRefusing = true
      return context.fireErrorCaught(HostFieldError(count: hosts))
    }
    if !knowsInformational || words.contains("close") || words.contains("upgrade") {
      head.headers.replaceOrAdd(name: "Connection", value: "close")
    }
    context.fireChannelRead(wrapInboundOut(.head(head)))
  }
}

/// A request has too many Host fields, or too few.
struct HostFieldError: Error {
  let count: Int
}

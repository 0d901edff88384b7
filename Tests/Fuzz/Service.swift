import Foundation
import HummingbirdCore
import MaskMerging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

// What a client of the service sends.

let targets: [String: @Sendable ([UInt8]) -> Void] = [
  "json-body": { body($0, type: "application/json") },
  "multipart": { bytes in
    body(bytes, type: "multipart/form-data; boundary=x")
    // The first line is a Content-Type of its own.
    let line = bytes.prefix { $0 != 0x0A }
    body(Array(bytes.dropFirst(line.count + 1)), type: String(decoding: line, as: UTF8.self))
  },
  "query": query,
  "http": http,
]

private func body(_ bytes: [UInt8], type: String) {
  do throws(ServiceError) {
    let image = try ImageBody.image(in: Data(bytes), contentType: type)
    require(!image.isEmpty && image.count <= bytes.count, "\(image.count) bytes of a body of \(bytes.count)")
  } catch {
    require((400..<500).contains(error.code.status.code), "\(error)")
  }
}

private let classes = ["Background", "Hat", "Hair", "Left-arm", "Human"].map { Label($0) }

/// The query of a URI, and behind a line feed an Accept header.
private func query(_ bytes: [UInt8]) {
  let parts = String(decoding: bytes, as: UTF8.self).split(
    separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
  do throws(ServiceError) {
    let acceptance = try ParseOptions.Acceptance(header: parts.count > 1 ? String(parts[1]) : nil)
    let query = try Query(URI("/api/parse?" + parts[0]), allowing: ParseOptions.queryNames)
    _ = try ParseOptions(query, classes: classes, acceptance: acceptance, masksOnly: false)
  } catch {
    require((400..<500).contains(error.code.status.code), "\(error)")
  }
}

/// What comes over a connection, in pieces as the bytes 0xFF say, through the parser and the handler of connections; each
/// request is answered.
private func http(_ bytes: [UInt8]) {
  let channel = EmbeddedChannel()
  let table = ConnectionTable(maximum: 4)
  var limits = ServiceLimits()
  limits.bodyBytes = 1 << 16
  do {
    let pipeline = channel.pipeline.syncOperations
    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: false)
    try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
    try pipeline.addHandler(ConnectionHandler(table: table, limits: limits))
    try pipeline.addHandler(Answers())
    channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
  } catch {
    fatalError("\(error)")
  }
  for piece in bytes.split(separator: 0xFF) where channel.isActive {
    _ = try? channel.writeInbound(ByteBuffer(bytes: piece))
    channel.embeddedEventLoop.run()
  }
  channel.embeddedEventLoop.advanceTime(by: .seconds(1))
  channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
  channel.embeddedEventLoop.advanceTime(by: .seconds(120))
  _ = try? channel.finish(acceptAlreadyClosed: true)
  channel.embeddedEventLoop.advanceTime(by: .seconds(1200))
  require(table.count == 0, "the connection is still in the table")
}

/// Answers each request that is complete.
private final class Answers: ChannelInboundHandler {
  typealias InboundIn = HTTPRequestPart
  typealias OutboundOut = HTTPResponsePart

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .end = unwrapInboundIn(data) else { return }
    context.write(wrapOutboundOut(.head(.init(status: .ok))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

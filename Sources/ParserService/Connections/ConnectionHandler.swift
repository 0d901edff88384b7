import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Handler of what Hummingbird does not do on a connection: absolute deadlines, a limit on the number of connections, JSON
/// responses to malformed HTTP, closing after unread bodies, and notification of disconnects.
///
/// Deadlines are absolute; data that trickles in does not extend them:
/// - A request, head and body, must be complete within `readTime` of the opening of the connection, or, on a reused
///   connection, of its head. A body that arrives at `slowestUpload` or faster has until `longestUpload`.
/// - Between requests, the next head must arrive within `idleTime`.
/// - The client must have received a response within `writeTime`.
///
/// A response that is sent before the request's body was read is the last one. The rest of the body is discarded for a
/// short time, so that the client can read the response before the connection is reset; then the connection is closed.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let table: ConnectionTable
  private let limits: ServiceLimits
  private var connection: Connection?
  private var timer: Scheduled<Void>?

  /// Number of requests whose head has arrived and whose response has not ended.
  private var inProgress = 0
  /// Whether a head has arrived, but not yet the end of its body.
  private var isBodyOpen = false
  /// Whether a response's head was written, but not its end.
  private var isResponding = false
  /// Whether the current or next response is the last one.
  private var closesAfterResponse = false
  /// Whether no request follows those in progress, which all get their responses.
  private var isLastRequest = false
  /// Whether the last response was sent; nothing is read or written any more.
  private var isClosing = false
  /// When the time to read the current request began, and the bytes of its body since.
  private var readStart = NIODeadline.now()
  private var bodyBytes = 0
  private let marker = LastRequestMarker()
  /// Bytes that arrived after the last response.
  private var discarded = 0

  /// Time for which the rest of a body is discarded after the last response.
  private static let lingering = Duration.seconds(2)

  init(table: ConnectionTable, limits: ServiceLimits) {
    self.table = table
    self.limits = limits
  }

  // MARK: Opening and closing

  func handlerAdded(context: ChannelHandlerContext) {
    let pipeline = context.pipeline.syncOperations
    if let decoder = try? pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self) {
      try? pipeline.addHandler(marker, position: .after(decoder))
    }
  }

  func channelActive(context: ChannelHandlerContext) {
    connection = table.open(context.channel)
    if connection == nil {
      refuse(context, ServiceError(.overloaded, "there are too many connections", retryAfter: 1))
    } else {
      startReading(context)
    }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    table.close(context.channel)
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event {
      if isClosing || inProgress == 0 {
        context.close(promise: nil)
      } else if isBodyOpen {
        // The rest of the request will never arrive.
        connection?.markClosed()
        closesAfterResponse = true
      } else {
        isLastRequest = true
        probe(context)
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  /// Finds out whether a client that has ended its sending side still listens: if it has left, the system answers what is
  /// sent to it with a reset, which closes the connection and abandons its work.
  private func probe(_ context: ChannelHandlerContext) {
    guard marker.knowsInformational else { return }
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.timeToProbe) {
      guard !self.isClosing, !self.isResponding, self.inProgress > 0, context.channel.isActive else { return }
      context.writeAndFlush(self.wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }
  }

  private static let timeToProbe = TimeAmount.milliseconds(200)

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard error is HTTPParserError || error is HostFieldError else { return context.fireErrorCaught(error) }
    guard !isClosing else { return }
    // Earlier requests get their responses first.
    if inProgress > (isBodyOpen ? 1 : 0) || isResponding {
      isLastRequest = true
    } else if let error = error as? HostFieldError {
      refuse(context, ServiceError(.badRequest, "Host: expected one field, found \(error.count)"))
    } else if let error = error as? HTTPParserError, error == .headerOverflow {
      refuse(context, ServiceError(.headersTooLarge, "the header fields are too many or too long"))
    } else {
      refuse(context, ServiceError(.badRequest, "the request is not valid HTTP/1.1"))
    }
  }

  // MARK: Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    guard !isClosing else { return discard(part, context) }
    switch part {
    case .head(let head):
      if inProgress == 0 { startReading(context) }
      bodyBytes = 0
      inProgress += 1
      isBodyOpen = true
      if head.headerFields[.connection]?.lowercased() == "close" { isLastRequest = true }
      if expectsContinue(head) {
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
      }
    case .body(let bytes): bodyBytes += bytes.readableBytes
    case .end:
      isBodyOpen = false
      if !isResponding { timer?.cancel() }
    }
    context.fireChannelRead(data)
  }

  /// Whether the client waits for "100 Continue"; a body that is too long is refused instead.
  private func expectsContinue(_ head: HTTPRequest) -> Bool {
    guard marker.knowsInformational, head.headerFields[.expect]?.lowercased() == "100-continue" else { return false }
    return head.headerFields[.contentLength].flatMap { Int($0) }.map { $0 <= limits.bodyBytes } ?? true
  }

  private func discard(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
    if case .body(let bytes) = part { discarded += bytes.readableBytes }
    if discarded > limits.bodyBytes { context.close(promise: nil) }
  }

  // MARK: Responses

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard !isClosing else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(var head) where head.status.kind != .informational:
      isResponding = true
      if inProgress == 1 && (isBodyOpen || isLastRequest) || table.isDraining || closesAfterResponse {
        head.headerFields[.connection] = "close"
      }
      if head.headerFields[.connection] == "close" { closesAfterResponse = true }
      start(limits.writeTime, context) { $1.close(promise: nil) }
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .end(let trailers):
      let written = promise ?? context.eventLoop.makePromise(of: Void.self)
      written.futureResult.assumeIsolated().whenComplete { _ in self.didWriteResponse(context) }
      context.write(wrapOutboundOut(.end(trailers)), promise: written)
    case let part:
      context.write(wrapOutboundOut(part), promise: promise)
    }
  }

  private func didWriteResponse(_ context: ChannelHandlerContext) {
    isResponding = false
    inProgress -= 1
    guard !isClosing, context.channel.isActive else { return }
    if closesAfterResponse {
      linger(context)
    } else if inProgress == 0 {
      start(limits.idleTime, context) { $1.close(promise: nil) }
    } else if isBodyOpen {
      startReading(context)
    } else {
      timer?.cancel()
    }
  }

  /// Closes the connection, after a short time if the client may still be sending.
  private func linger(_ context: ChannelHandlerContext) {
    isClosing = true
    guard isBodyOpen else { return context.close(promise: nil) }
    context.close(mode: .output, promise: nil)
    start(Self.lingering, context) { $1.close(promise: nil) }
  }

  /// Sends an error response without involving the router, and closes the connection.
  private func refuse(_ context: ChannelHandlerContext, _ error: ServiceError) {
    isClosing = true
    // The client may still be sending.
    isBodyOpen = true
    connection?.markClosed()
    let text = ByteBuffer(string: error.json)
    var headers = error.headers
    headers[.contentLength] = String(text.readableBytes)
    headers[.connection] = "close"
    context.write(wrapOutboundOut(.head(HTTPResponse(status: error.code.status, headerFields: headers))), promise: nil)
    context.write(wrapOutboundOut(.body(text)), promise: nil)
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { _ in self.linger(context) }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
  }

  // MARK: Deadlines

  private func start(
    _ time: Duration, _ context: ChannelHandlerContext,
    _ action: @escaping (ConnectionHandler, ChannelHandlerContext) -> Void
  ) {
    timer?.cancel()
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { action(self, context) }
  }

  private func startReading(_ context: ChannelHandlerContext) {
    readStart = .now()
    bodyBytes = 0
    start(limits.readTime, context) { $0.timeOutReading($1) }
  }

  /// Time that a steady upload has left, after what has arrived of it.
  private var uploadTimeLeft: Duration {
    let earned = Duration.seconds(bodyBytes) / max(limits.slowestUpload, 1)
    let allowed = max(min(limits.readTime + earned, limits.longestUpload), limits.readTime)
    return allowed - .nanoseconds((NIODeadline.now() - readStart).nanoseconds)
  }

  private func timeOutReading(_ context: ChannelHandlerContext) {
    if isBodyOpen, !isResponding, bodyBytes > 0, uploadTimeLeft > .milliseconds(10) {
      return start(uploadTimeLeft, context) { $0.timeOutReading($1) }
    }
    guard !isResponding else { return context.close(promise: nil) }
    let seconds = (NIODeadline.now() - readStart).nanoseconds / 1_000_000_000
    refuse(context, ServiceError(.requestTimeout, "the request was not complete after \(seconds) s"))
  }
}

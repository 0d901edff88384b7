import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// What Hummingbird leaves open on a connection: absolute deadlines, a cap on their number, JSON for requests that HTTP
/// itself refuses, an end to bodies that nobody reads, and word of clients that have gone.
///
/// A deadline counts from the first moment to the last, whatever trickles in between:
/// - a request has to be there, head and body, within `readTime`: of the opening of the connection, or of its head
///   where the connection is used again;
/// - between requests, the next head has to be there within `idleTime`;
/// - an answer has to be taken within `writeTime`.
///
/// An answer that is given before the request's body was read is the last one: what still comes is thrown away for a
/// moment, so that the client gets to read the answer before the connection is reset, and then the connection closes.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let table: ConnectionTable
  private let limits: ServiceLimits
  private var connection: Connection?
  private var timer: Scheduled<Void>?

  /// Requests whose head has come and whose answer has not ended.
  private var inProgress = 0
  /// Whether a head has come, but not yet the end of its body.
  private var isBodyOpen = false
  /// Whether an answer's head was written, but not its end.
  private var isAnswering = false
  /// Whether the answer that is being given, or is given next, is the last.
  private var closesAfterAnswer = false
  /// Whether nothing follows the requests that are in progress: their answers are all given.
  private var isLastRequest = false
  /// Whether the last answer was given; nothing is read or written any more.
  private var isClosing = false
  /// Bytes that came after the last answer.
  private var discarded = 0

  private static let lingering = Duration.seconds(2)

  init(table: ConnectionTable, limits: ServiceLimits) {
    self.table = table
    self.limits = limits
  }

  // MARK: Opening and closing

  func channelActive(context: ChannelHandlerContext) {
    connection = table.open(context.channel)
    if connection == nil {
      refuse(context, ServiceError(.overloaded, "there are too many connections", retryAfter: 1))
    } else {
      start(limits.readTime, context) { $0.timeOutReading($1) }
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
      // A client that will not send any more is taken for gone, as most servers do.
      connection?.markGone()
      if isClosing || inProgress == 0 { context.close(promise: nil) } else { closesAfterAnswer = true }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
    guard !isClosing else { return }
    // The answers to what came before are given first.
    if inProgress > (isBodyOpen ? 1 : 0) || isAnswering {
      isLastRequest = true
    } else if error == .headerOverflow {
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
      if inProgress == 0 { start(limits.readTime, context) { $0.timeOutReading($1) } }
      inProgress += 1
      isBodyOpen = true
      if head.headerFields[.connection]?.lowercased() == "close" { isLastRequest = true }
      if expectsContinue(head) {
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
      }
    case .body: break
    case .end:
      isBodyOpen = false
      if !isAnswering { timer?.cancel() }
    }
    context.fireChannelRead(data)
  }

  /// Whether the client waits to be told that its body is welcome. One that is too long gets its refusal instead.
  private func expectsContinue(_ head: HTTPRequest) -> Bool {
    guard head.headerFields[.expect]?.lowercased() == "100-continue" else { return false }
    return head.headerFields[.contentLength].flatMap { Int($0) }.map { $0 <= limits.bodyBytes } ?? true
  }

  private func discard(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
    if case .body(let bytes) = part { discarded += bytes.readableBytes }
    if discarded > limits.bodyBytes { context.close(promise: nil) }
  }

  // MARK: Answers

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard !isClosing else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(var head) where head.status.kind != .informational:
      isAnswering = true
      if inProgress == 1 && (isBodyOpen || isLastRequest) || table.isDraining || closesAfterAnswer {
        head.headerFields[.connection] = "close"
      }
      if head.headerFields[.connection] == "close" { closesAfterAnswer = true }
      start(limits.writeTime, context) { $1.close(promise: nil) }
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .end(let trailers):
      let written = promise ?? context.eventLoop.makePromise(of: Void.self)
      written.futureResult.assumeIsolated().whenComplete { _ in self.didWriteAnswer(context) }
      context.write(wrapOutboundOut(.end(trailers)), promise: written)
    case let part:
      context.write(wrapOutboundOut(part), promise: promise)
    }
  }

  private func didWriteAnswer(_ context: ChannelHandlerContext) {
    isAnswering = false
    inProgress -= 1
    guard !isClosing, context.channel.isActive else { return }
    if closesAfterAnswer {
      linger(context)
    } else if inProgress == 0 {
      start(limits.idleTime, context) { $1.close(promise: nil) }
    } else if isBodyOpen {
      start(limits.readTime, context) { $0.timeOutReading($1) }
    } else {
      timer?.cancel()
    }
  }

  /// Gives the client a moment to read what it was told.
  private func linger(_ context: ChannelHandlerContext) {
    isClosing = true
    guard isBodyOpen else { return context.close(promise: nil) }
    context.close(mode: .output, promise: nil)
    start(Self.lingering, context) { $1.close(promise: nil) }
  }

  /// Answers in the place of the service, and closes.
  private func refuse(_ context: ChannelHandlerContext, _ error: ServiceError) {
    isClosing = true
    // There may be more to come than was understood.
    isBodyOpen = true
    connection?.markGone()
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

  // MARK: Time

  private func start(
    _ time: Duration, _ context: ChannelHandlerContext,
    _ action: @escaping (ConnectionHandler, ChannelHandlerContext) -> Void
  ) {
    timer?.cancel()
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { action(self, context) }
  }

  private func timeOutReading(_ context: ChannelHandlerContext) {
    guard !isAnswering else { return context.close(promise: nil) }
    let seconds = limits.readTime.components.seconds
    refuse(context, ServiceError(.requestTimeout, "the request was not complete after \(seconds) s"))
  }
}

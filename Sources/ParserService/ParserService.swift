public import HumanParsing
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
package import UnixSignals

/// The HTTP service: a page, an API, and one network in memory behind them.
///
/// ```swift
/// let service = try ParserService(parser: HumanParser(), version: "1.0")
/// try await service.run()
/// ```
public struct ParserService: Sendable {
  private let parser: HumanParser
  private let configuration: ServiceConfiguration
  private let version: String
  private let logger: Logger
  private let page: PageFiles
  private let signals: [UnixSignal]

  /// - Parameters:
  ///   - parser: The network; its thread count is that of all pictures together.
  ///   - version: What `/api/health` says.
  /// - Throws: An error that names the file where a part of the page is not beside the program.
  public init(
    parser: HumanParser, configuration: ServiceConfiguration = .init(), version: String,
    logger: Logger = Logger(label: "ParserService")
  ) throws {
    try self.init(
      parser: parser, configuration: configuration, version: version, logger: logger, signals: [.sigterm, .sigint])
  }

  /// - Parameter signals: What stops the service gracefully.
  package init(
    parser: HumanParser, configuration: ServiceConfiguration, version: String, logger: Logger, signals: [UnixSignal]
  ) throws {
    self.parser = parser
    self.configuration = configuration
    self.version = version
    self.logger = logger
    self.signals = signals
    page = try PageFiles()
  }

  /// Listens, and serves until SIGTERM or SIGINT; then finishes what was accepted and returns.
  ///
  /// - Parameter onListening: Called with the port once connections are accepted.
  /// - Throws: Where the address cannot be listened on.
  public func run(onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }) async throws {
    let limits = configuration.limits
    let computation = AnswerComputation(parser: parser, limits: limits.image)
    let engine = ParsingEngine(threads: parser.threads, limits: limits, work: computation.callAsFunction)
    defer { engine.stop() }
    try await run(engine: engine, onListening: onListening)
  }

  /// As `run(onListening:)`, with an engine that is not ended.
  package func run(
    engine: ParsingEngine, onListening: @escaping @Sendable (_ port: Int) async -> Void
  ) async throws {
    let limits = configuration.limits
    let connections = ConnectionTable(maximum: limits.connections)
    let router = ServiceRouter(
      model: parser.model, engine: engine, connections: connections, page: page,
      metrics: ServiceMetrics(engine: engine, connections: connections), configuration: configuration,
      version: version, logger: logger)
    var decoder = HTTP1Channel.Configuration.DecoderConfiguration()
    decoder.maxHeaderFieldCount = 100
    decoder.maxHeaderFieldSize = 16 << 10
    decoder.maxHeaderListSize = 32 << 10
    var channels = HTTP1Channel.Configuration(httpDecoderConfiguration: decoder)
    channels.additionalChannelHandlers = { [ConnectionHandler(table: connections, limits: limits)] }
    var quiet = logger
    // What the libraries say below warnings is about themselves.
    quiet.logLevel = max(logger.logLevel, .warning)
    let application = Application(
      router: router.router(),
      server: .http1(configuration: channels),
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.host, port: configuration.port), backlog: 1024),
      onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
      logger: quiet)
    // Stopped from the last to the first: readiness goes, then the server.
    let drain = Drain(connections: connections, limits: limits, logger: logger)
    var group = ServiceGroupConfiguration(
      services: [application, drain], gracefulShutdownSignals: signals, logger: quiet)
    // `Drain` closes everything before; this is for what no connection holds.
    group.maximumGracefulShutdownDuration = limits.shutdownTime + .seconds(2)
    try await ServiceGroup(configuration: group).run()
  }
}

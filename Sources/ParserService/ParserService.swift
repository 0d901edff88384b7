public import HumanParsing
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
package import UnixSignals

/// The HTTP service: a web page and an API for one network.
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
  ///   - parser: The network; its number of threads is for all pictures together.
  ///   - configuration: Address, access and limits.
  ///   - version: The version that `/api/health` reports.
  ///   - logger: The log of requests.
  /// - Throws: An error that names the missing file if a file of the page is not beside the program.
  public init(
    parser: HumanParser, configuration: ServiceConfiguration = .init(), version: String,
    logger: Logger = Logger(label: "ParserService")
  ) throws {
    try self.init(
      parser: parser, configuration: configuration, version: version, logger: logger, signals: [.sigterm, .sigint])
  }

  /// - Parameter signals: Signals that stop the service gracefully.
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

  /// Serves requests until SIGTERM or SIGINT, then completes accepted requests and returns.
  ///
  /// - Parameter onListening: Called with the port as soon as connections are accepted.
  /// - Throws: An error of the system if the address is not available.
  public func run(onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }) async throws {
    let limits = configuration.limits
    let computation = ResponseComputation(parser: parser, limits: limits.image)
    let engine = ParsingEngine(threads: parser.threads, limits: limits, work: computation.callAsFunction)
    defer { engine.stop() }
    try await run(engine: engine, onListening: onListening)
  }

  /// As `run(onListening:)`, with a given engine, which is not stopped.
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
    // Messages of the libraries below warnings are about their internals.
    quiet.logLevel = max(logger.logLevel, .warning)
    let application = Application(
      router: router.router(),
      server: .http1(configuration: channels),
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.host, port: configuration.port), backlog: 1024),
      onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
      logger: quiet)
    // The group stops its services in reverse order: first readiness ends, then the server.
    let drain = Drain(connections: connections, limits: limits, logger: logger)
    var group = ServiceGroupConfiguration(
      services: [application, drain], gracefulShutdownSignals: signals, logger: quiet)
    // `Drain` closes all connections before; this limits work without a connection.
    group.maximumGracefulShutdownDuration = limits.shutdownTime + .seconds(2)
    try await ServiceGroup(configuration: group).run()
  }
}

/// The first phase of a graceful shutdown: `/api/ready` answers 503 at once, while requests are still accepted, so that
/// load balancers notice in time. Then the server stops listening and completes accepted requests; connections that are
/// left when the time is over are closed.
private struct Drain: Service, CustomStringConvertible {
  let connections: ConnectionTable
  let limits: ServiceLimits
  let logger: Logger

  var description: String { "Drain" }

  func run() async throws {
    try await gracefulShutdown()
    connections.drain()
    logger.notice("shutting down", metadata: ["connections": "\(connections.count)"])
    Task { [connections, limits] in
      try await Task.sleep(for: limits.shutdownTime)
      connections.closeAll()
    }
    try await Task.sleep(for: limits.drainTime)
  }
}

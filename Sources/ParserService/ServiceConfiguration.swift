public import ImageCoding

/// Address, access and limits of the service.
public struct ServiceConfiguration: Sendable {
  /// Address to listen on; the loopback interface by default.
  public var host = "127.0.0.1"
  /// Port to listen on; 0 for any free port.
  public var port = 7860
  /// Token that clients must send as `Authorization: Bearer …` to parse pictures and read metrics; `nil` for none.
  public var token: String?
  /// Limits and timeouts.
  public var limits = ServiceLimits()

  public init() {}
}

/// Limits of the service's load, and its timeouts.
public struct ServiceLimits: Sendable {
  /// Largest body of a request, in bytes.
  public var bodyBytes = 32 << 20
  /// Most bytes of all bodies in memory at the same time.
  public var bodyBytesInFlight = 256 << 20
  /// Most connections at the same time; further ones get a response 503 and are closed.
  public var connections = 512
  /// Most pictures in the queue; further requests get a response 503.
  public var queueLength = 32
  /// Most pictures that are parsed at the same time and share the threads; with `nil`, the number of threads, at most 4.
  public var concurrency: Int?
  /// Size of the cache of responses in bytes; 0 disables it.
  public var cacheBytes = 256 << 20
  /// Limits of pictures.
  public var image = ImageLimits.default

  /// Time from the arrival of a request until its response is computed.
  public var parseTime = Duration.seconds(30)
  /// Time for a complete request to arrive, head and body, from its head or from the opening of the connection. Bodies get
  /// as much more as they take at `slowestUpload`.
  public var readTime = Duration.seconds(15)
  /// Least bytes per second of a body, on average after `readTime`.
  public var slowestUpload = 2048
  /// Time after which a body must be complete, however steadily it arrives.
  public var longestUpload = Duration.seconds(600)
  /// Time for the client to receive a complete response.
  public var writeTime = Duration.seconds(30)
  /// Time for which a connection stays open without a request.
  public var idleTime = Duration.seconds(60)
  /// Time from the signal to stop until all connections are closed, whatever their state.
  public var shutdownTime = Duration.seconds(20)
  /// Time from the signal to stop until no requests are accepted; `/api/ready` answers 503 from the signal on.
  public var drainTime = Duration.seconds(1)

  public init() {}
}

public import ImageCoding

/// Where the service listens and what it takes on.
public struct ServiceConfiguration: Sendable {
  /// The address to listen on; the loopback interface unless told otherwise.
  public var host = "127.0.0.1"
  /// The port to listen on; 0 takes any that is free.
  public var port = 7860
  /// What clients have to send as `Authorization: Bearer …` for everything that costs work; nil asks for nothing.
  public var token: String?
  public var limits = ServiceLimits()

  public init() {}
}

/// How much the service takes in before it refuses, and how long it waits.
public struct ServiceLimits: Sendable {
  /// Bytes of one request's body.
  public var bodyBytes = 32 << 20
  /// Bytes of all bodies that are in memory at one time.
  public var bodyBytesInFlight = 256 << 20
  /// Connections at one time; further ones are answered 503 and closed.
  public var connections = 512
  /// Pictures that wait for the network at one time; further ones are answered 503.
  public var queueLength = 32
  /// Pictures that are parsed at one time, beside each other, where so many wait; they share the threads. nil takes one
  /// for each thread, at most 4.
  public var concurrency: Int?
  /// Bytes of answers that are kept for requests that come again; 0 keeps none.
  public var cacheBytes = 256 << 20
  /// What pictures are accepted.
  public var image = ImageLimits.default

  /// From the arrival of a request until its answer is computed.
  public var parseTime = Duration.seconds(30)
  /// For a whole request to arrive, head and body, counted from its first byte or from the opening of the connection.
  public var readTime = Duration.seconds(15)
  /// For a whole answer to be taken by the client.
  public var writeTime = Duration.seconds(30)
  /// How long a connection stays open without a request.
  public var idleTime = Duration.seconds(60)
  /// From a signal to stop until everything is closed, whatever is left.
  public var shutdownTime = Duration.seconds(20)
  /// From a signal to stop until nothing more is accepted; readiness is denied from the signal on.
  public var drainTime = Duration.seconds(1)

  public init() {}
}

#if Service
  import ArgumentParser
  import ImageCoding
  import ParserService

  /// Flags of `m2fp serve` for limits and timeouts.
  struct ServiceLimitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Largest body of a request, in MiB.", valueName: "n"))
    var maxBody = 32

    @Option(help: ArgumentHelp("Most connections at the same time.", valueName: "n"))
    var maxConnections = 512

    @Option(help: ArgumentHelp("Most pictures in the queue; further requests get a response 503.", valueName: "n"))
    var queue = 32

    @Option(
      help: ArgumentHelp(
        "Most pictures parsed at the same time; the number of threads, at most 4, if absent.", valueName: "n"))
    var concurrency: Int?

    @Option(help: ArgumentHelp("Size of the cache of responses, in MiB; 0 for none.", valueName: "n"))
    var cache = 256

    @Option(help: ArgumentHelp("Seconds until the response to a request must be ready.", valueName: "s"))
    var timeout = 30

    @Option(help: ArgumentHelp("Seconds for a complete request to arrive.", valueName: "s"))
    var readTimeout = 15

    @Option(help: ArgumentHelp("Seconds for the client to receive a complete response.", valueName: "s"))
    var writeTimeout = 30

    @Option(help: ArgumentHelp("Seconds that a shutdown may take.", valueName: "s"))
    var shutdownTimeout = 20

    @Option(
      help: ArgumentHelp(
        "Seconds for which a shutdown still accepts requests, while /api/ready answers 503.", valueName: "s"))
    var drain = 1

    func validate() throws {
      for (name, value, range) in [
        ("max-body", maxBody, 1...1024), ("max-connections", maxConnections, 1...100_000), ("queue", queue, 1...10_000),
        ("concurrency", concurrency ?? 1, 1...256), ("cache", cache, 0...1_000_000), ("timeout", timeout, 1...3600),
        ("read-timeout", readTimeout, 1...3600), ("write-timeout", writeTimeout, 1...3600),
        ("shutdown-timeout", shutdownTimeout, 1...3600), ("drain", drain, 0...3600),
      ] where !range.contains(value) {
        throw ValidationError("--\(name): expected \(range.lowerBound) to \(range.upperBound), found \(value)")
      }
    }

    func limits(images: ImageLimits) -> ServiceLimits {
      var limits = ServiceLimits()
      limits.image = images
      limits.bodyBytes = maxBody << 20
      limits.bodyBytesInFlight = max(limits.bodyBytesInFlight, 2 * limits.bodyBytes)
      limits.connections = maxConnections
      limits.queueLength = queue
      limits.concurrency = concurrency
      limits.cacheBytes = cache << 20
      limits.parseTime = .seconds(timeout)
      limits.readTime = .seconds(readTimeout)
      limits.writeTime = .seconds(writeTimeout)
      limits.shutdownTime = .seconds(shutdownTimeout)
      limits.drainTime = .seconds(min(drain, shutdownTimeout))
      return limits
    }
  }
#endif

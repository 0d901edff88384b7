import Hummingbird
import Logging
import NIOCore

/// What the parts of the service know of a request beside the request itself.
struct ServiceContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel
  /// For the log, the `X-Request-Id` header and whoever compares them.
  var requestID: String

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
    requestID = String(UInt64.random(in: .min ... .max), radix: 36)
  }
}

import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Reads bodies into memory, up to a size each and a size for all that are there at one time.
final class BodyReader: Sendable {
  private let maximum: Int
  private let maximumInFlight: Int
  private let inFlight = Mutex(0)

  init(limits: ServiceLimits) {
    maximum = limits.bodyBytes
    maximumInFlight = max(limits.bodyBytesInFlight, limits.bodyBytes)
  }

  /// Reads a request's body, and lends it to `use`; its memory counts until `use` returns.
  ///
  /// - Throws: `tooLarge`, at once where `Content-Length` says so; `overloaded`; `clientLeft` where the body breaks off;
  ///   what `use` throws.
  func withBody<Result>(
    of request: Request, from client: Connection?, _ use: (Data) async throws -> Result
  ) async throws -> Result {
    let declared = request.headers[.contentLength].flatMap { Int($0) }
    if let declared, declared > maximum { throw tooLarge }
    var reserved = 0
    defer { inFlight.withLock { $0 -= reserved } }
    var body = Data()
    for try await chunk in request.body {
      guard body.count + chunk.readableBytes <= maximum else { throw tooLarge }
      try reserve(chunk.readableBytes)
      reserved += chunk.readableBytes
      body.append(contentsOf: chunk.readableBytesView)
    }
    // A body that breaks off ends like one that is complete.
    if client?.isGone ?? false || declared.map({ $0 != body.count }) ?? false {
      throw ServiceError(.clientLeft, "the request broke off")
    }
    return try await use(body)
  }

  private func reserve(_ bytes: Int) throws(ServiceError) {
    let fits = inFlight.withLock { inFlight in
      guard inFlight + bytes <= maximumInFlight else { return false }
      inFlight += bytes
      return true
    }
    guard fits else {
      throw ServiceError(.overloaded, "too many large requests are being read", retryAfter: 1)
    }
  }

  private var tooLarge: ServiceError {
    ServiceError(.tooLarge, "the body is larger than the \(maximum) bytes that are allowed")
  }
}

import Foundation
import HTTPTypes
import Hummingbird
import NIOConcurrencyHelpers
import NIOCore

/// Reads bodies into memory, up to a size each and a size for all that are there at one time.
final class BodyReader: Sendable {
  private let maximum: Int
  private let maximumInFlight: Int
  private let inFlight = NIOLockedValueBox(0)

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
    defer { inFlight.withLockedValue { $0 -= reserved } }
    let body = try await read(request) { count throws(ServiceError) in
      try reserve(count)
      reserved += count
    }
    // A body that breaks off may end like one that is complete.
    guard client?.isGone != true, declared ?? body.count == body.count else { throw Self.brokenOff }
    return try await use(body)
  }

  private static let brokenOff = ServiceError(.clientLeft, "the request broke off")

  private func read(_ request: Request, reserve: (Int) throws(ServiceError) -> Void) async throws(ServiceError) -> Data
  {
    var body = Data()
    var chunks = request.body.makeAsyncIterator()
    while true {
      let chunk: ByteBuffer?
      do { chunk = try await chunks.next() } catch { throw Self.brokenOff }
      guard let chunk else { return body }
      guard body.count + chunk.readableBytes <= maximum else { throw tooLarge }
      try reserve(chunk.readableBytes)
      body.append(contentsOf: chunk.readableBytesView)
    }
  }

  private func reserve(_ bytes: Int) throws(ServiceError) {
    let fits = inFlight.withLockedValue { inFlight in
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

import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Platform

/// Reader of request bodies into memory, with a limit on each body and one on all bodies in memory.
final class BodyReader: Sendable {
  private let maximum: Int
  private let maximumInFlight: Int
  private let inFlight = Locked(0)

  init(limits: ServiceLimits) {
    maximum = limits.bodyBytes
    maximumInFlight = max(limits.bodyBytesInFlight, limits.bodyBytes)
  }

  /// Reads a request's body and calls `use` with it. The body counts towards the limit until `use` returns.
  ///
  /// - Throws: `ServiceError`: `tooLarge`, before reading if `Content-Length` is too large; `overloaded`; `clientLeft` if
  ///   the body is incomplete. Rethrows errors of `use`.
  func withBody<Result>(
    of request: Request, from client: Connection?, _ use: (Data) async throws -> Result
  ) async throws -> Result {
    let declared = request.headers[.contentLength].flatMap { Int($0) }
    if let declared, declared > maximum { throw tooLarge }
    var reserved = 0
    defer { inFlight.withLock { $0 -= reserved } }
    let body = try await read(request) { count throws(ServiceError) in
      try reserve(count)
      reserved += count
    }
    // An interrupted body may end like a complete one.
    guard client?.isClosed != true, declared ?? body.count == body.count else { throw Self.brokenOff }
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

package import Digests
package import Foundation
import Synchronization

/// The identity of a request: two requests with the same key have the same response.
package struct ParseKey: Hashable, Sendable {
  /// Digest of the picture's bytes.
  package let image: SHA256Digest
  package let options: ParseOptions

  package init(image: Data, options: ParseOptions) {
    self.image = SHA256Digest(of: image)
    self.options = options
  }
}

/// One picture to parse, for all requests with the same key.
final class ParseJob: Sendable {
  typealias Answer = (response: EncodedResponse, cached: Bool)

  let key: ParseKey
  let image: Data
  /// Set when no request waits any more; the work then ends at the next stage of the network.
  private let abandoned = Atomic<Bool>(false)

  init(key: ParseKey, image: Data) {
    self.key = key
    self.image = image
  }

  var isAbandoned: Bool { abandoned.load(ordering: .relaxed) }
  func abandon() { abandoned.store(true, ordering: .relaxed) }

  /// - Throws: `CancellationError` if no request waits any more.
  func check() throws {
    if isAbandoned { throw CancellationError() }
  }
}

import Foundation
import Synchronization

/// One picture to be parsed, for everybody who asked for the same.
final class ParseJob: Sendable {
  typealias Answer = (answer: ParseAnswer, cached: Bool)

  let key: ParseKey
  let image: Data
  /// Set once nobody waits any more: work on it ends at the next stage.
  private let abandoned = Atomic<Bool>(false)

  init(key: ParseKey, image: Data) {
    self.key = key
    self.image = image
  }

  var isAbandoned: Bool { abandoned.load(ordering: .relaxed) }
  func abandon() { abandoned.store(true, ordering: .relaxed) }

  /// - Throws: `CancellationError` where nobody waits.
  func check() throws {
    if isAbandoned { throw CancellationError() }
  }
}

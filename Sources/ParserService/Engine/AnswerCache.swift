/// Answers by key, bounded in bytes: what was asked for least recently goes first.
///
/// A doubly linked list over the entries of a dictionary; every operation takes constant time, but that storing may
/// evict several entries.
package struct AnswerCache<Key: Hashable> {
  fileprivate struct Entry {
    var answer: ParseAnswer
    var newer: Key?
    var older: Key?
  }

  package let capacity: Int
  package private(set) var byteCount = 0
  package private(set) var evictions = 0
  private var entries: [Key: Entry] = [:]
  private var newest: Key?
  private var oldest: Key?

  package var count: Int { entries.count }

  /// - Parameter capacity: Bytes; 0 keeps nothing.
  package init(capacity: Int) { self.capacity = capacity }

  /// The answer, which counts as used now.
  package mutating func answer(for key: Key) -> ParseAnswer? {
    guard let entry = entries[key] else { return nil }
    if key != newest {
      unlink(entry)
      link(key)
    }
    return entry.answer
  }

  /// Keeps an answer, and lets go of the oldest ones until all fit; one that is larger than the whole is not kept.
  package mutating func store(_ answer: ParseAnswer, for key: Key) {
    remove(key)
    guard answer.byteCount <= capacity else { return }
    while byteCount + answer.byteCount > capacity, let oldest {
      remove(oldest)
      evictions += 1
    }
    entries[key] = Entry(answer: answer)
    byteCount += answer.byteCount
    link(key)
  }

  private mutating func remove(_ key: Key) {
    guard let entry = entries[key] else { return }
    unlink(entry)
    entries[key] = nil
    byteCount -= entry.answer.byteCount
  }

  /// Puts an entry before all others.
  private mutating func link(_ key: Key) {
    entries[key]?.older = newest
    entries[key]?.newer = nil
    if let newest { entries[newest]?.newer = key } else { oldest = key }
    newest = key
  }

  private mutating func unlink(_ entry: Entry) {
    if let newer = entry.newer { entries[newer]?.older = entry.older } else { newest = entry.older }
    if let older = entry.older { entries[older]?.newer = entry.newer } else { oldest = entry.newer }
  }
}

extension AnswerCache: Sendable where Key: Sendable {}
extension AnswerCache.Entry: Sendable where Key: Sendable {}

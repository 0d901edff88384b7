/// Least recently used cache of responses, limited in bytes.
///
/// A dictionary whose entries form a doubly linked list. Every operation takes constant time, except that storing may
/// evict several entries.
package struct ResponseCache<Key: Hashable> {
  fileprivate struct Entry {
    var response: EncodedResponse
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

  /// - Parameter capacity: Size in bytes; 0 disables the cache.
  package init(capacity: Int) { self.capacity = capacity }

  /// The response for a key, which becomes the most recently used one.
  package mutating func response(for key: Key) -> EncodedResponse? {
    guard let entry = entries[key] else { return nil }
    if key != newest {
      unlink(entry)
      link(key)
    }
    return entry.response
  }

  /// Stores a response and evicts the least recently used ones until all fit. A response larger than the capacity is not
  /// stored.
  package mutating func store(_ response: EncodedResponse, for key: Key) {
    remove(key)
    guard response.byteCount <= capacity else { return }
    while byteCount + response.byteCount > capacity, let oldest {
      remove(oldest)
      evictions += 1
    }
    entries[key] = Entry(response: response)
    byteCount += response.byteCount
    link(key)
  }

  private mutating func remove(_ key: Key) {
    guard let entry = entries[key] else { return }
    unlink(entry)
    entries[key] = nil
    byteCount -= entry.response.byteCount
  }

  /// Makes an entry the newest one.
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

extension ResponseCache: Sendable where Key: Sendable {}
extension ResponseCache.Entry: Sendable where Key: Sendable {}

import HumanParsing
import NIOCore
import ParserService
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ResponseCacheTests {
  private func response(_ bytes: Int) -> EncodedResponse {
    EncodedResponse(form: .masks, body: ByteBuffer(repeating: 0, count: bytes), timings: Timings())
  }

  @Test func theLeastRecentlyUsedIsEvictedFirst() {
    var cache = ResponseCache<String>(capacity: 3 * response(100).byteCount)
    for key in ["a", "b", "c"] { cache.store(response(100), for: key) }
    #expect(cache.response(for: "a") != nil)
    cache.store(response(100), for: "d")
    #expect(["a", "b", "c", "d"].map { cache.response(for: $0) != nil } == [true, false, true, true])
    #expect(cache.evictions == 1)
  }

  @Test func aResponseLargerThanTheCacheIsNotStored() {
    var cache = ResponseCache<String>(capacity: 1000)
    cache.store(response(10), for: "a")
    cache.store(response(1000), for: "b")
    #expect(cache.response(for: "b") == nil)
    #expect(cache.response(for: "a") != nil)
  }

  @Test func withoutCapacityNothingIsStored() {
    var cache = ResponseCache<String>(capacity: 0)
    cache.store(response(0), for: "a")
    #expect(cache.count == 0)
  }

  /// Compares random operations with a linear list.
  @Test(arguments: 0..<4) func behavesLikeAList(seed: Int) {
    var generator = SeededGenerator(seed)
    var cache = ResponseCache<Int>(capacity: 4000)
    var list: [(key: Int, bytes: Int)] = []
    for _ in 0..<2000 {
      let key = Int.random(in: 0..<12, using: &generator)
      let found = list.firstIndex { $0.key == key }
      if Bool.random(using: &generator) {
        #expect((cache.response(for: key) != nil) == (found != nil))
        if let found { list.append(list.remove(at: found)) }
      } else {
        let stored = response(Int.random(in: 0..<1500, using: &generator))
        cache.store(stored, for: key)
        if let found { list.remove(at: found) }
        list.append((key, stored.byteCount))
        while list.reduce(0, { $0 + $1.bytes }) > 4000 { list.removeFirst() }
      }
      #expect(cache.byteCount == list.reduce(0) { $0 + $1.bytes })
      #expect(cache.count == list.count)
    }
  }
}

import HumanParsing
import NIOCore
import ParserService
import TestSupport
import Testing

struct AnswerCacheTests {
  private func answer(_ bytes: Int) -> ParseAnswer {
    ParseAnswer(form: .masks, body: ByteBuffer(repeating: 0, count: bytes), timings: Timings())
  }

  @Test func theLeastRecentlyUsedGoesFirst() {
    var cache = AnswerCache<String>(capacity: 3 * answer(100).byteCount)
    for key in ["a", "b", "c"] { cache.store(answer(100), for: key) }
    #expect(cache.answer(for: "a") != nil)
    cache.store(answer(100), for: "d")
    #expect(["a", "b", "c", "d"].map { cache.answer(for: $0) != nil } == [true, false, true, true])
    #expect(cache.evictions == 1)
  }

  @Test func anAnswerLargerThanTheCacheIsNotKept() {
    var cache = AnswerCache<String>(capacity: 1000)
    cache.store(answer(10), for: "a")
    cache.store(answer(1000), for: "b")
    #expect(cache.answer(for: "b") == nil)
    #expect(cache.answer(for: "a") != nil)
  }

  @Test func withoutCapacityNothingIsKept() {
    var cache = AnswerCache<String>(capacity: 0)
    cache.store(answer(0), for: "a")
    #expect(cache.count == 0)
  }

  /// Against a list that is searched, over random uses.
  @Test(arguments: 0..<4) func behavesLikeAList(seed: Int) {
    var generator = SeededGenerator(seed)
    var cache = AnswerCache<Int>(capacity: 4000)
    var list: [(key: Int, bytes: Int)] = []
    for _ in 0..<2000 {
      let key = Int.random(in: 0..<12, using: &generator)
      let found = list.firstIndex { $0.key == key }
      if Bool.random(using: &generator) {
        #expect((cache.answer(for: key) != nil) == (found != nil))
        if let found { list.append(list.remove(at: found)) }
      } else {
        let stored = answer(Int.random(in: 0..<1500, using: &generator))
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

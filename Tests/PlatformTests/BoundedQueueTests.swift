import Foundation
import Platform
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct BoundedQueueTests {
  @Test func elementsComeInOrderThroughASmallQueue() throws {
    let queue = BoundedQueue<Int>(capacity: 2)
    let adding = try #require(
      SystemThread {
        for number in 0..<1000 { queue.add(number) }
        queue.close()
      })
    var taken: [Int] = []
    while let number = queue.take() { taken.append(number) }
    adding.join()
    #expect(taken == Array(0..<1000))
  }

  @Test func aClosedQueueIsEmptied() {
    let queue = BoundedQueue<Int>(capacity: 3)
    #expect(queue.add(1) && queue.add(2))
    queue.close()
    #expect(!queue.add(3))
    #expect([queue.take(), queue.take(), queue.take()] == [1, 2, nil])
  }

  @Test func cancellingWakesWhoWaits() throws {
    let queue = BoundedQueue<Int>(capacity: 1)
    #expect(queue.add(1))
    let isLost = Locked(false)
    let adding = try #require(
      SystemThread {
        let isAdded = queue.add(2)
        isLost.withLock { $0 = !isAdded }
      })
    queue.cancel()
    adding.join()
    #expect(isLost.withLock { $0 })
    #expect(queue.take() == nil)
  }
}

@Suite(.timeLimit(.minutes(10))) struct AppendedFileTests {
  @Test func growsAndIsCut() throws {
    let folder = try TemporaryFolder()
    do {
      let file = try AppendedFile(path: folder / "journal")
      try file.append(Array("one\n".utf8))
      try file.append(Array("two\n".utf8))
    }
    #expect(try FileSystem.byteCount(of: folder / "journal") == 8)
    let file = try AppendedFile(path: folder / "journal", keeping: 4)
    try file.append(Array("three\n".utf8))
    #expect(String(decoding: try folder.read("journal"), as: UTF8.self) == "one\nthree\n")
  }

  @Test func aFolderCannotGrow() throws {
    let folder = try TemporaryFolder()
    #expect(throws: SystemError.self) { _ = try AppendedFile(path: folder.path) }
  }
}

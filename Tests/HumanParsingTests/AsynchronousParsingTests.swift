import Foundation
import HumanParsing
import Synchronization
import TestSupport
import Testing

/// Asynchronous parses: their results, their threads, and how soon they end when they are cancelled.
@Suite(.timeLimit(.minutes(10))) struct AsynchronousParsingTests {
  private let parser: HumanParser
  private let photo: RGBImage
  private let url = Sample.photograph("astronaut.png")

  init() throws {
    parser = try HumanParser(options: .init(threads: 2))
    photo = try RGBImage(contentsOf: url)
  }

  /// The synchronous result.
  private func labelMap() throws -> LabelMap { try parser.parse(photo).labelMap }

  @Test func resultsAreThoseOfTheSynchronousCalls() async throws {
    let expected = try labelMap()
    #expect(try await parser.parse(photo).labelMap == expected)
    #expect(try await parser.parse(contentsOf: url).labelMap == expected)
    #expect(try await parser.parse(encoded: Data(contentsOf: url)).labelMap == expected)
  }

  @Test func bytesThatAreNoPictureAreRefused() async throws {
    await #expect(throws: ImageCodingError.self) { try await parser.parse(encoded: Data("text".utf8)) }
    await #expect(throws: ImageCodingError.self) { try await parser.parse(contentsOf: URL(filePath: "/nowhere")) }
  }

  @Test func cancellingEndsAParseWithinOneStage() async throws {
    let stages = Counter()
    let (firstStage, announce) = AsyncStream<Void>.makeStream()
    let cancelled = DispatchSemaphore(value: 0)
    let task = Task { [parser, photo] in
      try await parser.parse(photo) {
        stages.increment()
        announce.yield()
        // The stage lasts until the task is cancelled.
        cancelled.wait()
        cancelled.signal()
      }
    }
    for await _ in firstStage.prefix(1) {}
    task.cancel()
    cancelled.signal()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(stages.value == 1)
    // The parser is as good as new.
    #expect(try await parser.parse(photo).labelMap == (try labelMap()))
  }

  @Test func aParseThatWaitsEndsAtOnce() async throws {
    let (isRunning, announce) = AsyncStream<Void>.makeStream()
    let release = DispatchSemaphore(value: 0)
    // As many passes as run side by side, so that whoever comes next waits.
    let width = max(ProcessInfo.processInfo.activeProcessorCount / 2, 1)
    let running = (0..<width).map { _ in
      Task { [parser, photo] in
        try await parser.parse(photo) {
          announce.yield()
          release.wait()
          release.signal()
        }
      }
    }
    for await _ in isRunning.prefix(1) {}
    let waiting = Task { [parser, photo] in try await parser.parse(photo) }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    release.signal()
    for task in running { _ = try await task.value }
  }

  @Test func aBatchYieldsItsResultsInOrder() async throws {
    let nowhere = URL(filePath: "/nowhere.png")
    let urls = [url, nowhere, url, url, nowhere]
    let expected = try labelMap()
    var seen: [URL] = []
    let batch = parser.parse(batch: urls)
    #expect(batch.count == 5)
    for try await (input, result) in batch {
      seen.append(input)
      if input == nowhere {
        #expect(throws: ImageCodingError.self) { try result.get() }
      } else {
        #expect(try result.get().labelMap == expected)
      }
    }
    #expect(seen == urls)
    for try await _ in parser.parse(batch: [URL]()) { Issue.record("an empty batch has no results") }
  }

  @Test func aBatchReadsAFewPicturesAhead() async throws {
    let read = Counter()
    let small = try RGBImage(width: 40, height: 30, filledWith: (9, 90, 200))
    let batch = parser.parse(batch: Array(0..<100)) { _ in
      read.increment()
      return small
    }
    for try await (index, result) in batch {
      #expect(try result.get().width == 40)
      if index == 2 { break }
    }
    // Three were consumed, and at most threads + 1 were begun ahead of each.
    #expect(read.value >= 3 && read.value <= 6)
  }

  @Test func cancellingEndsABatch() async throws {
    let read = Counter()
    let (firstPicture, announce) = AsyncStream<Void>.makeStream()
    let task = Task { [parser, photo] in
      let batch = parser.parse(batch: Array(0..<1000)) { _ in
        read.increment()
        return photo
      }
      for try await _ in batch {
        announce.yield()
        // Until the task is cancelled, however late that is on a busy machine.
        try? await Task.sleep(for: .seconds(600))
      }
    }
    for await _ in firstPicture.prefix(1) {}
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(read.value < 20)
  }
}

private final class Counter: Sendable {
  private let count = Atomic<Int>(0)
  var value: Int { count.load(ordering: .relaxed) }
  func increment() { count.wrappingAdd(1, ordering: .relaxed) }
}

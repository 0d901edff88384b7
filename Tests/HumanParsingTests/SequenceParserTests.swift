import HumanParsing
import ImageCoding
import TestSupport
import Testing

/// Whole shots through the starter weights.
@Suite(.timeLimit(.minutes(10))) struct SequenceParserTests {
  /// The street, seen through a window that moves over it.
  private struct Pan: Sequence, Sendable, IteratorProtocol {
    let photograph: RGBImage
    var left = 0
    let step: Int
    let count: Int
    private var made = 0

    init(_ photograph: RGBImage, step: Int, count: Int) {
      (self.photograph, self.step, self.count) = (photograph, step, count)
    }

    mutating func next() -> RGBImage? {
      guard made < count else { return nil }
      defer { (made, left) = (made + 1, left + step) }
      let width = photograph.width - step * count
      var pixels: [UInt8] = []
      for y in 0..<photograph.height {
        let start = (y * photograph.width + left) * 3
        pixels += photograph.pixels[start..<start + width * 3]
      }
      return try? RGBImage(width: width, height: photograph.height, pixels: pixels)
    }
  }

  @Test func peopleKeepTheirNumbers() async throws {
    let photograph = try RGBImage(contentsOf: Sample.photograph("two-people.jpg"))
    let parser = try HumanParser()
    var frames: [ParsedFrame] = []
    for try await frame in parser.parse(sequence: Pan(photograph, step: 6, count: 7)) { frames.append(frame) }
    #expect(frames.map(\.index) == Array(0..<7))
    #expect(frames.map(\.isCut) == Array(repeating: false, count: 7))
    #expect(frames.allSatisfy { $0.person(1) != nil })
    let people = frames.map { frame in frame.numbers.compactMap(\.self) }
    #expect(people.flatMap(\.self).max() == people[0].max())
  }

  @Test func aCancelledTaskEnds() async throws {
    let photograph = try RGBImage(contentsOf: Sample.photograph("two-people.jpg"))
    let parser = try HumanParser()
    let task = Task {
      for try await _ in parser.parse(sequence: Pan(photograph, step: 0, count: 1_000_000)) {}
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func anErrorOfTheSequenceIsThrown() async throws {
    struct Lost: Error {}
    let parser = try HumanParser()
    let images = AsyncThrowingStream<RGBImage, any Error> { $0.finish(throwing: Lost()) }
    await #expect(throws: Lost.self) {
      for try await _ in parser.parse(sequence: images) {}
    }
  }
}

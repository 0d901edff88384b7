import FrameSequences
import Testing

@Suite(.timeLimit(.minutes(10))) struct FrameListTests {
  private let pattern = FramePattern(folder: "in", prefix: "a.", padding: 4, suffix: ".png")

  private func list(
    _ numbers: [Int], _ range: String? = nil, missing: MissingFramePolicy = .error
  ) throws -> FrameList {
    let found = numbers.map { number in
      FoundFrame(number: number, digits: pattern.digits(of: number), path: "\(number)")
    }
    return try FrameList(pattern: pattern, found: found, range: range.map { try FrameRange($0) }, missing: missing)
  }

  @Test func takesAllFrames() throws {
    let frames = try list([-1, 0, 1]).frames
    #expect(frames.map(\.number) == [-1, 0, 1])
    #expect(frames.map(\.digits) == ["-001", "0000", "0001"])
    #expect(frames.map(\.source) == ["-1", "0", "1"].map { .file(path: $0) })
  }

  @Test func takesTheFramesThatAreAskedFor() throws {
    #expect(try list([1, 2, 3, 4, 5], "1-5x2").frames.map(\.number) == [1, 3, 5])
    #expect(try list([1, 3, 5], "1-5x2").missing.numbers.isEmpty)
  }

  @Test func gapsAreAnErrorThatListsThem() {
    #expect {
      try list([1, 2, 5, 9])
    } throws: { "\($0)".contains("found that 3-4,6-8 are missing") }
    #expect { try list([1, 2], "1-3") } throws: { "\($0)".contains("found that 3 is missing") }
  }

  @Test func gapsAreSkipped() throws {
    let list = try list([1, 2, 5], missing: .skip)
    #expect(list.frames.map(\.number) == [1, 2, 5])
    #expect(list.missing.numbers == [3, 4])
  }

  @Test func gapsAreBlack() throws {
    let frames = try list([1, 4], missing: .black).frames
    #expect(frames.map(\.number) == [1, 2, 3, 4])
    #expect(frames.map(\.source) == [.file(path: "1"), .black(sizeOf: "1"), .black(sizeOf: "4"), .file(path: "4")])
    #expect(frames[1].digits == "0002")
  }

  @Test func gapsAreFilledByTheNearest() throws {
    let frames = try list([2, 4, 8], "0-9", missing: .nearest).frames
    #expect(frames.map(\.source) == ["2", "2", "2", "2", "4", "4", "4", "8", "8", "8"].map { .file(path: $0) })
    #expect(frames.map(\.replacement) == [2, 2, nil, 2, nil, 4, 4, 8, nil, 8])
  }

  @Test(arguments: MissingFramePolicy.allCases) func someFrameMustBeThere(policy: MissingFramePolicy) {
    #expect { try list([1, 2], "5-9", missing: policy) } throws: {
      ($0 as? FrameSequenceError)?.message == "in/a.####.png: expected frames 5-9, found none of them"
    }
  }

  @Test func aStrayNumberDoesNotFillTheMemory() {
    #expect(throws: FrameSequenceError.self) { try list([1, 20_261_126_000_000], missing: .skip) }
  }
}

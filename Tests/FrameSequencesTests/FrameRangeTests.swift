import FrameSequences
import Testing

@Suite(.timeLimit(.minutes(10))) struct FrameRangeTests {
  @Test(
    arguments: [
      ("7", [7]),
      ("1-4", [1, 2, 3, 4]),
      ("1001-1010x3,1200,-5--3", [-5, -4, -3, 1001, 1004, 1007, 1010, 1200]),
      ("-2-1", [-2, -1, 0, 1]),
      ("5,3, 4 ,3-5", [3, 4, 5]),
      ("1-2x10", [1]),
    ] as [(String, [Int])])
  func reads(text: String, numbers: [Int]) throws { #expect(try FrameRange(text).numbers == numbers) }

  @Test(
    arguments: [
      "", ",", "a", "1-", "-", "1-2x", "1-2x0", "1-2x-1", "4-1", "1x2", "1-2-3", "1..4", "1-4000001",
      "1000000000000000000", "1,,2",
    ])
  func refuses(text: String) {
    #expect(throws: FrameSequenceError.self) { try FrameRange(text) }
  }

  @Test(arguments: ["1001-1100x2,1200", "-5-10", "3", "1,3", "1-2,4-6", "1-3,5,7,11", "-7--5"])
  func saysWhatItReads(text: String) throws {
    let range = try FrameRange(text)
    #expect(try FrameRange(range.description) == range)
  }

  @Test func isShort() throws {
    #expect(try FrameRange("1001-1100x2,1200").description == "1001-1099x2,1200")
    #expect(FrameRange([4, 1, 3, 8]).description == "1,3-4,8")
  }
}

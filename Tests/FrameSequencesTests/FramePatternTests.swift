import FrameSequences
import Testing

@Suite(.timeLimit(.minutes(10))) struct FramePatternTests {
  @Test(
    arguments: [
      ("shots/shot.####.png", "shots", "shot.", 4, ".png"),
      ("shot.#.png", ".", "shot.", 4, ".png"),
      ("shot.######.png", ".", "shot.", 6, ".png"),
      ("/shot.%04d.png", "/", "shot.", 4, ".png"),
      ("shot.%d.png", ".", "shot.", 1, ".png"),
      ("shot_$F4.png", ".", "shot_", 4, ".png"),
      ("shot.$F.png", ".", "shot.", 1, ".png"),
      ("a.b/shot.@@@.v2.png", "a.b", "shot.", 3, ".v2.png"),
      ("@", ".", "", 1, ""),
    ] as [(String, String, String, Int, String)])
  func reads(path: String, folder: String, prefix: String, padding: Int, suffix: String) throws {
    let expected = FramePattern(folder: folder, prefix: prefix, padding: padding, suffix: suffix)
    #expect(try FramePattern(path: path) == expected)
  }

  @Test(arguments: ["shot.png", "shot.1001.png", "100%.png", "$HOME.png", "%4x.png", "dir.####/shot.png", "%99d"])
  func hasNoToken(path: String) throws { #expect(try FramePattern(path: path) == nil) }

  @Test func refusesTwoTokens() {
    #expect(
      throws: FrameSequenceError(
        .invalidText, "a.##.%02d.png: expected one place for the frame's number, found ## and %02d")
    ) {
      try FramePattern(path: "a.##.%02d.png")
    }
  }

  /// In Unicode two strings are equal that differ in normalization, but not two files.
  @Test func namesAreBytes() {
    let (composed, decomposed) = ("caf\u{e9}.", "cafe\u{301}.")
    let pattern = FramePattern(folder: ".", prefix: composed, padding: 4, suffix: ".png")
    #expect(pattern.digits(in: "\(composed)0001.png") == "0001")
    #expect(pattern.digits(in: "\(decomposed)0001.png") == nil)
    #expect(pattern != FramePattern(folder: ".", prefix: decomposed, padding: 4, suffix: ".png"))
    let suffix = FramePattern(folder: ".", prefix: "a.", padding: 4, suffix: "-\u{e9}.png")
    #expect(suffix.digits(in: "a.0001-\u{e9}.png") == "0001")
    #expect(suffix.digits(in: "a.0001-e\u{301}.png") == nil)
  }

  @Test func spellsNumbers() {
    let pattern = FramePattern(folder: "in", prefix: "a.", padding: 4, suffix: ".png")
    #expect([0, 7, 1001, 123_456, -5].map(pattern.digits(of:)) == ["0000", "0007", "1001", "123456", "-005"])
    #expect(pattern.path == "in/a.####.png")
    #expect(FramePattern(folder: ".", prefix: "", padding: 1, suffix: ".jpg").path == "%d.jpg")
    #expect(FramePattern(folder: "/", prefix: "", padding: 6, suffix: "").path == "/######")
  }

  @Test(
    arguments: [
      ("a.0007.png", "0007"), ("a.12345.png", "12345"), ("a.-005.png", "-005"), ("a.-0005.png", "-0005"),
      ("a.007.png", nil), ("a.00007.png", nil), ("a..png", nil), ("a.-.png", nil), ("a.12a4.png", nil),
      ("b.0007.png", nil), ("a.0007.jpg", nil), ("a.png", nil), ("a.٠٠٠١.png", nil),
    ] as [(String, String?)])
  func readsNumbers(name: String, digits: String?) {
    let pattern = FramePattern(folder: ".", prefix: "a.", padding: 4, suffix: ".png")
    #expect(pattern.digits(in: name).map(String.init) == digits)
  }
}

import M2FPTool
import MaskMerging
import Testing

/// Colors as the values of `-bgc` and `--tint`.
@Suite(.timeLimit(.minutes(10))) struct ColorArgumentTests {
  @Test(
    arguments: [
      ("#f80", "#ff8800", 255), ("f80", "#ff8800", 255), ("#ff8000", "#ff8000", 255), ("FF8000", "#ff8000", 255),
      ("#ff800040", "#ff8000", 64), ("00000000", "#000000", 0), ("255", "#225555", 255),
    ] as [(String, String, UInt8)])
  func hexadecimalDigits(text: String, color: String, opacity: UInt8) throws {
    let argument = try #require(ColorArgument(argument: text))
    #expect(argument.color.hex == color)
    #expect(argument.opacity == opacity)
  }

  @Test(arguments: ["", "#", "red", "#ff80", "##ff8000", "ff80000", "+f8000", "ff8000gg", "-1-1-1", "ff８000"])
  func whatIsNoColor(text: String) {
    #expect(ColorArgument(argument: text) == nil)
  }

  @Test(
    arguments: [
      (["255", "128", "0", "64"], "#ff8000", 64, []),
      (["255", "128", "0"], "#ff8000", 255, []),
      (["255", "128", "0", "255", "a.png"], "#ff8000", 255, ["a.png"]),
      (["255", "128", "0", "a.png"], "#ff8000", 255, ["a.png"]),
      (["fff", "a.png", "b.png"], "#ffffff", 255, ["a.png", "b.png"]),
      (["255", "a.png"], "#225555", 255, ["a.png"]),
    ] as [([String], String, UInt8, [String])])
  func wordsBehindTheColorStay(words: [String], color: String, opacity: UInt8, rest: [String]) throws {
    let found = try #require(ColorArgument.first(of: words))
    #expect(found.color.color.hex == color)
    #expect(found.color.opacity == opacity)
    #expect(found.rest == rest)
  }

  @Test(arguments: [[], ["1", "2"], ["256", "0", "0", "0"], ["a.png"]])
  func wordsThatBeginWithNoColor(words: [String]) {
    #expect(ColorArgument.first(of: words) == nil)
  }
}

import Foundation
import MaskMerging
import Testing

/// Palettes that users write.
@Suite(.timeLimit(.minutes(10))) struct PaletteTextTests {
  private static let expected = try? Palette(hex: [.hair: "#ff0000", .leftArm: "00ff7f"])

  @Test(
    arguments: [
      "{\"Hair\": \"#ff0000\", \"left-arm\": \"00FF7F\"}", " \n{ \"Hair\": \"#ff0000\", \"leftArm\": \"#00ff7f\" }",
      "Hair,#ff0000\nLeft-arm,#00ff7f\n", "label,hex\r\n# mine\r\n\r\nHair , #ff0000\r\nLeft arm,00ff7f",
      "\u{feff}Hair,#ff0000\nleft_arm,#00FF7F",
    ])
  func jsonAndLinesAreRead(text: String) throws {
    #expect(try Palette(text: Data(text.utf8)) == Self.expected)
  }

  @Test(
    arguments: [
      ("", "at least one"), ("{}", "at least one"), ("{\"Hair\": 5}", "one object"), ("{\"Hair\"", "one object"),
      ("Hair,#ff0000\nFace", "line 2"), ("Hair,#ff0000,1", "line 1"), (",#ff0000", "line 1"),
      ("Hair,#ff0000\nhair,#ff0000", "two colors"), ("{\"Hair\": \"#ff0000\", \"HAIR\": \"#ff0000\"}", "two colors"),
    ])
  func whatIsNoPaletteIsRefused(text: String, words: String) {
    expectError(.invalidText, saying: words) { _ = try Palette(text: Data(text.utf8)) }
  }

  @Test(arguments: ["Hair,red", "Hair,#ff00", "Hair,", "{\"Hair\": \"#gg0000\"}"])
  func badColorsAreRefused(text: String) {
    expectError(.invalidColor, saying: "Hair") { _ = try Palette(text: Data(text.utf8)) }
  }

  @Test func whatIsNotTextIsRefused() {
    expectError(.invalidText) { _ = try Palette(text: Data([0xff, 0xfe, 0])) }
    expectError(.invalidText) { _ = try Palette(text: Data(repeating: 65, count: 1 << 21)) }
    expectError(.invalidText, saying: "cannot be read") {
      _ = try Palette(contentsOf: URL(fileURLWithPath: "/nowhere/palette.json"))
    }
  }
}

import MaskMerging
import Testing

@Suite(.timeLimit(.minutes(10))) struct PaletteTests {
  private static let classes: [Label] = [
    .background, .hat, .hair, .glove, .sunglasses, .upperClothes, .dress, .coat, .socks, .pants, .torsoSkin, .scarf,
    .skirt, .face, .leftArm, .rightArm, .leftLeg, .rightLeg, .leftShoe, .rightShoe, .human,
  ]

  @Test(
    arguments: [
      (.hair, "#ff0000"), (.upperClothes, "#00ff00"), (.pants, "#0000ff"), (.face, "#ffff00"), (.leftArm, "#ffffff"),
      (.rightArm, "#ffffff"), (.leftLeg, "#ffffff"), (.rightLeg, "#ffffff"), (.background, "#000000"),
    ] as [(Label, String)])
  func filmHasTheAgreedColors(label: Label, hex: String) throws {
    #expect(try Palette.film.color(of: label).hex == hex)
  }

  /// Arms and legs share white; every other class has a colour to itself.
  @Test func filmTellsAllOtherClassesApart() throws {
    let colors = try (Self.classes + [.jumpsuits]).map { try Palette.film.color(of: $0) }
    #expect(Set(colors).count == colors.count - 3)
  }

  /// The PASCAL VOC colour map.
  @Test(
    arguments: [
      (.background, "#000000"), (.hat, "#800000"), (.hair, "#008000"), (.glove, "#808000"), (.sunglasses, "#000080"),
      (.coat, "#808080"), (.socks, "#400000"), (.torsoSkin, "#408000"), (.jumpsuits, "#408000"), (.leftArm, "#408080"),
      (.rightArm, "#c08080"), (.leftLeg, "#004000"), (.rightShoe, "#80c000"), (.human, "#004080"),
    ] as [(Label, String)])
  func lipIsThePascalMap(label: Label, hex: String) throws {
    #expect(try Palette.lip.color(of: label).hex == hex)
  }

  @Test(arguments: [("#ff8000", "#ff8000"), ("FF8000", "#ff8000"), ("000000", "#000000")])
  func hexIsRead(text: String, hex: String) throws { #expect(try RGBColor(hex: text).hex == hex) }

  @Test(arguments: ["", "#", "#ff80", "#ff80000", "ff800g", "+f8000", "0xff80", " ff8000", "##ff800", "#ff8０00"])
  func badHexIsRefused(text: String) {
    expectError(.invalidColor, saying: "\"\(text)\"") { _ = try RGBColor(hex: text) }
    expectError(.invalidColor, saying: "Hair", "\"\(text)\"") { _ = try Palette(hex: [.hair: text]) }
  }

  @Test func labelsWithoutColorAreNamed() {
    expectError(.unknownLabel, saying: "Handbag") { _ = try Palette.film.color(of: "Handbag") }
    #expect(Palette.film["Handbag"] == nil)
  }

  @Test func unknownClassesOfAModelGetTheirPascalColor() {
    #expect(Palette.film.colors(of: [.background, "Handbag", .hair]).map(\.hex) == ["#000000", "#800000", "#ff0000"])
  }
}

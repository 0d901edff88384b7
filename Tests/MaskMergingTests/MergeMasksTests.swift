import ImageCoding
import MaskMerging
import Testing

@Suite(.timeLimit(.minutes(10))) struct MergeMasksTests {
  /// Colours as letters: red hair, yellow face, green clothes, `.` for the black background.
  private func letters(_ image: RGBImage) -> String {
    let names: [[UInt8]: Character] = [
      [255, 0, 0]: "R", [255, 255, 0]: "Y", [0, 255, 0]: "G", [0, 0, 0]: ".", [128, 0, 0]: "d",
    ]
    return String(
      (0..<image.width * image.height).map { names[Array(image.pixels[3 * $0..<3 * $0 + 3])] ?? "?" })
  }

  private func masks() throws -> [Mask] { try [drawn("##...."), drawn(".####."), drawn("...#..")] }
  private let labels: [Label] = [.hair, .face, .upperClothes]

  @Test(
    arguments: [
      (PaintOrder.byConfidence, nil, "RRYYY."),
      (.byConfidence, [0.1, 0.5, 0.9], "RYYGY."),
      (.byConfidence, [0.9, 0.5, 0.1], "RRYYY."),
      (.byConfidence, [0.5, 0.5, 0.5], "RRYYY."),
      (.byArea, nil, "RRYGY."),
      (.byArea, [0.1, 0.9, 0.5], "RRYGY."),
    ] as [(PaintOrder, [Float]?, String)])
  func theOrderDecidesWhatIsSeen(order: PaintOrder, scores: [Float]?, picture: String) throws {
    let merged = try mergeMasks(masks(), labels: labels, scores: scores, order: order)
    #expect(letters(merged) == picture)
    #expect(merged.width == 6 && merged.height == 1)
  }

  @Test func ofEqualAreasTheFirstLiesOnTop() throws {
    let merged = try mergeMasks([drawn("##."), drawn(".##")], labels: [.hair, .face], order: .byArea)
    #expect(letters(merged) == "RRY")
  }

  @Test func theCanvasHasThePalettesBackground() throws {
    let palette = try Palette(hex: [.background: "#800000", .hair: "ff0000"])
    #expect(letters(try mergeMasks([drawn("#.")], labels: [.hair], palette: palette)) == "Rd")
  }

  @Test func smoothingRemovesASpeck() throws {
    let speck = try drawn(".....", "..#..", ".....")
    #expect(letters(try mergeMasks([speck], labels: [.hair])) == ".......R.......")
    #expect(letters(try mergeMasks([speck], labels: [.hair], smoothing: .median3x3)) == "...............")
  }

  @Test func tallPicturesArePaintedWhole() throws {
    let values = randomProbabilities(65, 200, seed: 3)
    let merged = try mergeMasks([Mask(width: 65, height: 200, probabilities: values)], labels: [.hair])
    #expect(letters(merged) == String(values.map { $0 > 0.5 ? "R" : "." }))
  }

  @Test func whatDoesNotGoTogetherIsRefused() throws {
    let masks = try masks()
    expectError(.sizeMismatch) { _ = try mergeMasks([], labels: []) }
    expectError(.sizeMismatch, saying: "3 masks", "1 labels") { _ = try mergeMasks(masks, labels: [.hair]) }
    expectError(.sizeMismatch, saying: "2 scores") { _ = try mergeMasks(masks, labels: labels, scores: [1, 2]) }
    expectError(.sizeMismatch, saying: "6 × 1", "1 × 1") {
      _ = try mergeMasks([drawn("#"), masks[0]], labels: [.hair, .face])
    }
    expectError(.unknownLabel, saying: "Handbag") { _ = try mergeMasks([masks[0]], labels: ["Handbag"]) }
    expectError(.invalidProbability, saying: "mask 1") {
      _ = try mergeMasks(masks, labels: labels, scores: [0, .nan, 0])
    }
  }
}

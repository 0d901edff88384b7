import ImageCoding
import MaskMerging
import Testing

@Suite(.timeLimit(.minutes(10))) struct CompositingTests {
  private func photo() throws -> RGBImage {
    try RGBImage(width: 3, height: 1, pixels: [10, 20, 30, 100, 110, 120, 250, 251, 252])
  }

  private let colors = [RGBColor.black, RGBColor(red: 200, green: 0, blue: 255)]

  @Test(
    arguments: [
      (0, [10, 20, 30, 100, 110, 120, 250, 251, 252]),
      (0.5, [10, 20, 30, 150, 55, 188, 125, 126, 126]),
      (1, [10, 20, 30, 200, 0, 255, 0, 0, 0]),
    ] as [(Float, [UInt8])])
  func anOverlayBlendsAllButTheBackground(opacity: Float, pixels: [UInt8]) throws {
    // Class 2 has no color and counts as black.
    let labels = try LabelMap(width: 3, height: 1, indices: [0, 1, 2])
    #expect(try labels.overlay(on: photo(), colors: colors, opacity: opacity).pixels == pixels)
  }

  @Test func aLabelMapIsPainted() throws {
    let labels = try LabelMap(width: 3, height: 1, indices: [0, 1, 9])
    #expect(try labels.painted(with: colors).pixels == [0, 0, 0, 200, 0, 255, 0, 0, 0])
  }

  @Test func aCutoutHasTheMaskAsStraightAlpha() throws {
    let mask = try Mask(width: 3, height: 1, probabilities: [0, 0.5, 1])
    let cutout = try mask.cutout(of: photo(), edgeColors: .photograph)
    #expect(cutout.pixels == [10, 20, 30, 0, 100, 110, 120, 128, 250, 251, 252, 255])
  }

  @Test func whatDoesNotGoTogetherIsRefused() throws {
    let labels = try LabelMap(width: 1, height: 3, indices: [0, 1, 2])
    expectError(.sizeMismatch, saying: "3 × 1", "1 × 3") { _ = try labels.overlay(on: photo(), colors: colors) }
    expectError(.sizeMismatch) { _ = try drawn("#").cutout(of: photo()) }
    let fitting = try LabelMap(width: 3, height: 1, indices: [0, 1, 2])
    for opacity in [-0.1, 1.1, .nan] as [Float] {
      expectError(.invalidProbability) { _ = try fitting.overlay(on: photo(), colors: colors, opacity: opacity) }
    }
  }
}

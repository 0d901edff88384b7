import ImageCoding
import MaskMerging
import Testing

@Suite struct AntialiasingTests {
  /// A mask whose probability rises from left to right by 1/4 a pixel and is a half at `edge`.
  private func ramp(_ width: Int, edge: Float, falling: Bool = false) throws -> Mask {
    let row = (0..<width).map { x in
      let value = min(max(0.5 + (Float(x) + 0.5 - edge) / 4, 0), 1)
      return falling ? 1 - value : value
    }
    return try Mask(width: width, height: 2, probabilities: row + row)
  }

  private func reds(_ image: RGBImage) -> [UInt8] { (0..<image.width).map { image.pixels[3 * $0] } }

  @Test(
    arguments: [
      (8, [0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255]), (7.5, [0, 0, 0, 0, 0, 0, 0, 128, 255, 255, 255, 255]),
    ]
      as [(Float, [UInt8])])
  func anEdgeIsOnePixelWide(edge: Float, expected: [UInt8]) throws {
    let merged = try mergeMasks([ramp(12, edge: edge)], labels: [.hair], smoothing: .antialiased)
    #expect(reds(merged) == expected)
  }

  /// Hair and face are both red; whatever of the black background shone through would darken the seam.
  @Test func nothingShinesThroughASeam() throws {
    let merged = try mergeMasks(
      [ramp(12, edge: 6.25), ramp(12, edge: 6.25, falling: true)], labels: [.hair, .face], smoothing: .antialiased)
    #expect(reds(merged) == Array(repeating: 255, count: 12))
  }

  @Test func theTopMaskHidesTheOther() throws {
    let all = try Mask(width: 12, height: 2, probabilities: Array(repeating: 1, count: 24))
    let merged = try mergeMasks([ramp(12, edge: 6), all], labels: [.pants, .hair], smoothing: .antialiased)
    #expect(reds(merged) == [255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0])
  }
}

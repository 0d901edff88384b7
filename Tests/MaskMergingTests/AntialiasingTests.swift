import ImageCoding
import MaskMerging
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct AntialiasingTests {
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

  // MARK: Against the definition

  /// Random values on a grid, resized: soft masks with edges in all directions.
  private func softMask(_ width: Int, _ height: Int, seed: Int) throws -> (mask: Mask, values: [Float]) {
    let coarse = randomProbabilities(5, 5, seed: seed)
    let values = Scalar.bilinearResize(
      coarse, height: 5, width: 5, channels: 1, toHeight: height, toWidth: width
    ).map { min(max($0, 0), 1) }
    return (try Mask(width: width, height: height, probabilities: values), values)
  }

  static let sizes = [(1, 1), (1, 9), (33, 2), (40, 64), (65, 130)]
  private let colors: [(label: Label, color: [Double])] = [
    (.face, [255, 255, 0]), (.hair, [255, 0, 0]), (.pants, [0, 0, 255]),
  ]

  @Test(arguments: sizes)
  func probabilitiesArePaintedByTheirEdges(width: Int, height: Int) throws {
    let masks = try colors.indices.map { try softMask(width, height, seed: $0 + width) }
    let merged = try mergeMasks(masks.map(\.mask), labels: colors.map(\.label), smoothing: .antialiased)
    let expected = Scalar.paint(
      zip(masks, colors).map {
        (coverage: Scalar.edgeCoverage($0.values, height: height, width: width), color: $1.color)
      }, on: [0, 0, 0])
    expectClose(merged.pixels.map(Float.init), expected, shape: [height, width, 3], absolute: 0.51)
  }

  /// A cleaned mask has decided which pixels are inside.
  @Test(arguments: sizes)
  func decisionsArePaintedByTheirNeighbours(width: Int, height: Int) throws {
    let inside = randomProbabilities(width, height, seed: height).map { $0 > 0.5 }
    let mask = try Mask(width: width, height: height, probabilities: inside.map { $0 ? 1 : 0 })
      .cleaned(MaskCleaning(largestOnly: true))
    let kept = try mask.hard().image().pixels.map { $0 == 255 }
    guard kept != inside else { return }
    let merged = try mergeMasks([mask], labels: [.face], smoothing: .antialiased)
    let expected = Scalar.paint(
      [(coverage: Scalar.binomialCoverage(kept, height: height, width: width), color: colors[0].color)], on: [0, 0, 0])
    expectClose(merged.pixels.map(Float.init), expected, shape: [height, width, 3], absolute: 0.51)
  }
}

import MaskMerging
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct MaskSetsTests {
  @Test(arguments: [(1, 1), (65, 3), (130, 131)])
  func intersectionAndDifferenceOfProbabilities(width: Int, height: Int) throws {
    let values = (1...3).map { randomProbabilities(width, height, seed: $0) }
    let masks = try values.map { try Mask(width: width, height: height, probabilities: $0) }
    let shared = try Mask.intersection(masks)
    let smallest = values[0].indices.map { index in values.map { $0[index] }.min() ?? 0 }
    #expect(try shared.alpha16().pixels == smallest.map { UInt16($0 * 65535 + 0.5) })
    #expect(try shared.hard().image().pixels == smallest.map { $0 > 0.5 ? 255 : 0 })
    let rest = try masks[0].subtracting(masks[1])
    #expect(
      try rest.alpha16().pixels == zip(values[0], values[1]).map { UInt16(min($0, 1 - $1) * 65535 + 0.5) })
    #expect(
      try rest.hard().image().pixels == zip(values[0], values[1]).map { $0 > 0.5 && !($1 > 0.5) ? 255 : 0 })
  }

  /// Masks that are kept as logits on a coarse grid are subtracted row by row.
  @Test func differenceOfMasksOnGrids() throws {
    let (width, height) = (130, 67)
    let masks = try (1...3).map { seed in
      let logits = randomProbabilities(9, 5, seed: seed).map { 8 * $0 - 4 }
      return try Mask(logits: logits, gridWidth: 9, gridHeight: 5, width: width, height: height)
    }
    let values = masks.map { Matte($0).values }
    let inside = try masks.map { try $0.hard().image().pixels.map { $0 == 255 } }
    let rest = try masks[0].subtracting(.union([masks[1], masks[2]]))
    let expected = values[0].indices.map { min(values[0][$0], 1 - max(values[1][$0], values[2][$0])) }
    let isInside = inside[0].indices.map { inside[0][$0] && !inside[1][$0] && !inside[2][$0] }
    expectClose(Matte(rest).values, expected, shape: [height, width], absolute: 1e-6)
    #expect(try rest.hard().image().pixels == isInside.map { $0 ? 255 : 0 })
    // A difference within a union.
    let union = try Mask.union([rest, masks[1]])
    expectClose(Matte(union).values, zip(expected, values[1]).map(max), shape: [height, width], absolute: 1e-6)
    #expect(try union.hard().image().pixels == zip(isInside, inside[1]).map { $0 || $1 ? 255 : 0 })
  }

  @Test func binaryMasks() throws {
    let (first, second) = (try drawn("##..").hard(), try drawn(".##.").hard())
    #expect(drawing(of: try first.union(second)) == ["###."])
    #expect(drawing(of: try first.intersection(second)) == [".#.."])
    #expect(drawing(of: try first.subtracting(second)) == ["#..."])
  }

  @Test func differentSizesAreRefused() throws {
    let (first, second) = (try drawn("##"), try drawn("#", "#"))
    expectError(.sizeMismatch) { _ = try Mask.intersection([]) }
    expectError(.sizeMismatch, saying: "1 × 2", "2 × 1") { _ = try Mask.intersection([first, second]) }
    expectError(.sizeMismatch) { _ = try first.subtracting(second) }
    expectError(.sizeMismatch) { _ = try first.hard().union(second.hard()) }
  }
}

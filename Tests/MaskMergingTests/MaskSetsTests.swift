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

  /// Masks that are kept as logits on a coarse grid are subtracted row by row, as they are at full size.
  @Test func differenceOfMasksOnGrids() throws {
    let (width, height) = (130, 67)
    let masks = try (1...3).map { seed in
      let logits = randomProbabilities(9, 5, seed: seed).map { 8 * $0 - 4 }
      return try Mask(logits: logits, gridWidth: 9, gridHeight: 5, width: width, height: height)
    }
    let full = try masks.map { mask in
      try Mask(width: width, height: height, probabilities: Matte(mask).values)
    }
    func rest(_ masks: [Mask]) throws -> Mask { try masks[0].subtracting(.union([masks[1], masks[2]])) }
    #expect(try rest(masks).alpha16() == rest(full).alpha16())
    #expect(try rest(masks).hard() == rest(full).hard())
    let twice = try Mask.union([rest(masks), masks[1]])
    #expect(try twice.alpha16() == Mask.union([rest(full), full[1]]).alpha16())
    #expect(twice.hard() == (try Mask.union([rest(full), full[1]])).hard())
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

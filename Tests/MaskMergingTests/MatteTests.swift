import ImageCoding
import MaskMerging
import TestSupport
import Testing

/// Refined mattes against the filter's definition, and their sums.
@Suite(.timeLimit(.minutes(10))) struct MatteTests {
  private func randomPhoto(_ width: Int, _ height: Int, seed: Int) throws -> RGBImage {
    var generator = SeededGenerator(seed)
    return try RGBImage(
      width: width, height: height,
      pixels: (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }

  /// Probabilities of `count` masks that overlap, each nothing outside of a box of its own.
  private func randomMasks(_ count: Int, _ width: Int, _ height: Int) throws -> [Mask] {
    try (0..<count).map { index in
      var values = randomProbabilities(width, height, seed: index + width)
      for place in values.indices where place % width < index * width / (2 * count) { values[place] = 0 }
      return try Mask(width: width, height: height, probabilities: values)
    }
  }

  struct Case: Sendable {
    let width, height, radius, cell: Int
    var epsilon: Float = 1e-3
  }

  @Test(
    arguments: [
      Case(width: 1, height: 1, radius: 1, cell: 1), Case(width: 1, height: 9, radius: 2, cell: 1),
      Case(width: 17, height: 5, radius: 2, cell: 1), Case(width: 17, height: 13, radius: 4, cell: 2),
      Case(width: 33, height: 31, radius: 3, cell: 3), Case(width: 20, height: 3, radius: 40, cell: 4),
      Case(width: 40, height: 23, radius: 2, cell: 1, epsilon: 0.1), Case(width: 5, height: 70, radius: 1, cell: 1),
    ])
  func aMatteIsTheGuidedFilter(_ test: Case) throws {
    let (width, height) = (test.width, test.height)
    let photo = try randomPhoto(width, height, seed: 3)
    var values = randomProbabilities(width, height, seed: 4)
    // Nothing in a third of the picture, so that the matte's support ends inside of it.
    for place in values.indices where place % width > width - width / 3 { values[place] = 0 }
    let mask = try Mask(width: width, height: height, probabilities: values)
    let matte = try mask.matte(
      refinedBy: photo,
      MatteRefinement(radius: test.radius, epsilon: test.epsilon, subsampling: test.cell, contrast: 1))
    let cells = max((test.radius + test.cell / 2) / test.cell, 1)
    let expected = Scalar.guidedFilter(
      values, guide: photo.pixels.map { Float($0) / 255 }, height: height, width: width, radius: cells,
      epsilon: Double(test.epsilon), cell: test.cell)
    expectClose(matte.values, expected, shape: [height, width], absolute: 2e-4)
  }

  @Test func contrastRaisesSharesToAPower() throws {
    let masks = try randomMasks(3, 20, 10)
    let photo = try randomPhoto(20, 10, seed: 5)
    let plain = try MatteSet(masks, of: photo, refinement: MatteRefinement(radius: 2, contrast: 1))
    let steep = try MatteSet(masks, of: photo, refinement: MatteRefinement(radius: 2, contrast: 3))
    func shared(_ values: [[Float]]) -> [[Float]] {
      let totals = values.reduce(Array(repeating: 0, count: 200)) { zip($0, $1).map(+) }
      return values.map { zip($0, totals).map(/) }
    }
    let cubes = shared((plain.mattes + [plain.background]).map { $0.values.map { $0 * $0 * $0 } })
    // Less than half a step of 8 bits is nothing.
    let shares = shared(cubes.map { $0.map { max($0 - 1 / 512, 0) } })
    for (share, matte) in zip(shares, steep.mattes + [steep.background]) {
      expectClose(matte.values, share, absolute: 1e-5)
    }
  }

  @Test(
    arguments: [
      // Where masks merely meet, weights say nothing.
      ([0.5, 0.5], [3, 1], [0.5, 0.5]), ([0.3, 0.2], [0, 1], [0.3, 0.2]), ([1, 1], [1, 1], [0.5, 0.5]),
      // Where both are certain, weights alone count.
      ([1, 1], [3, 1], [0.75, 0.25]), ([1, 1], [0, 1], [0, 1]), ([1, 1], [0, 0], [0.5, 0.5]),
      // Between: half by probability, half by weight.
      ([0.75, 0.75], [3, 1], [0.625, 0.375]),
    ] as [([Float], [Float], [Float])])
  func overlapsGoByWeight(probabilities: [Float], weights: [Float], expected: [Float]) throws {
    let masks = try probabilities.map { try Mask(width: 1, height: 1, probabilities: [$0]) }
    let photo = try randomPhoto(1, 1, seed: 0)
    for refinement in [nil, MatteRefinement(radius: 1, contrast: 1)] {
      let set = try MatteSet(masks, weights: weights, of: photo, refinement: refinement)
      expectClose(set.mattes.flatMap(\.values), expected, absolute: 1e-5)
    }
  }

  @Test(arguments: [[1], [1, .nan], [1, -1], [.infinity, 1]] as [[Float]])
  func weightsThatCannotBeAreRefused(weights: [Float]) throws {
    let masks = try randomMasks(2, 2, 2)
    let photo = try randomPhoto(2, 2, seed: 0)
    #expect(throws: MaskMergingError.self) { try MatteSet(masks, weights: weights, of: photo) }
  }

  @Test(arguments: [(1, 1), (40, 30), (65, 129)], [true, false])
  func mattesAndBackgroundAddUpToOne(size: (Int, Int), refined: Bool) throws {
    let (width, height) = size
    let set = try MatteSet(
      randomMasks(5, width, height), of: randomPhoto(width, height, seed: 1),
      refinement: refined ? MatteRefinement(radius: 4) : nil)
    let sums = try (set.mattes + [set.background]).map { try $0.image16().pixels.map { Float($0) / 65535 } }
      .reduce(Array(repeating: 0, count: width * height)) { zip($0, $1).map(+) }
    expectClose(sums, Array(repeating: 1, count: width * height), absolute: 1 / 255)
    let people = set.sum(of: 0..<5).values
    expectClose(zip(people, set.background.values).map(+), Array(repeating: 1, count: width * height), absolute: 1e-5)
    expectClose(
      zip(set.sum(of: [0, 3, 3]).values, set.sum(of: [1, 2, 4, 9]).values).map(+), people, absolute: 1e-5)
  }

  /// Mattes of groups, which are made in one pass, are the sums of the masks' mattes.
  @Test(arguments: [(1, 1), (40, 30), (65, 129)], [true, false])
  func mattesOfGroupsAreSums(size: (Int, Int), refined: Bool) throws {
    let (width, height) = size
    let fitted = try FittedMasks(
      randomMasks(5, width, height), to: randomPhoto(width, height, seed: 1),
      refinement: refined ? MatteRefinement(radius: 4) : nil)
    let set = MatteSet(fitted)
    let groups = [[0, 3], [], [4, 2, 4], [1, 5], [5], [-1, 6], [0, 1, 2, 3, 4]]
    let shares = (set.mattes + [set.background]).map(\.values)
    for (group, matte) in zip(groups, fitted.mattes(of: groups)) {
      let chosen = Set(group).filter(shares.indices.contains).map { shares[$0] }
      let sum = chosen.reduce(Array(repeating: Float(0), count: width * height)) { zip($0, $1).map(+) }
      expectClose(matte.values, sum, absolute: 1e-6)
      #expect(matte.values.allSatisfy { (0...1).contains($0) })
    }
    #expect(fitted.mattes(of: []).isEmpty)
  }

  /// A soft edge beside the photo's sharp one moves onto it.
  @Test func aMatteFollowsThePhotosEdge() throws {
    let (width, height, edge) = (48, 24, 22)
    let photo = try RGBImage(
      width: width, height: height,
      pixels: (0..<width * height * 3).map { $0 / 3 % width < edge ? 40 : 220 })
    let values = (0..<width * height).map { min(max((Float($0 % width) - 16) / 16, 0), 1) }
    let matte = try Mask(width: width, height: height, probabilities: values).matte(
      refinedBy: photo, MatteRefinement(radius: 8, epsilon: 1e-4, subsampling: 1))
    let jump = matte[x: edge, y: 12] - matte[x: edge - 1, y: 12]
    #expect(jump > 0.4, "\(jump)")
  }

  @Test func anUnrefinedMatteIsTheMasksProbability() throws {
    let values = randomProbabilities(31, 7, seed: 1)
    let mask = try Mask(width: 31, height: 7, probabilities: values)
    #expect(Matte(mask).values == values)
    #expect(try Matte(mask).image8() == mask.alpha8() && Matte(mask).image16() == mask.alpha16())
    #expect(try Matte(mask).mask.alpha16() == mask.alpha16() && Matte(mask).mask.hard() == mask.hard())
    #expect(Matte(mask)[x: -1, y: 0] == 0 && Matte(mask)[x: 3, y: 7] == 0)
  }

  @Test func setsOfMattes() throws {
    let (first, second) = (randomProbabilities(9, 5, seed: 1), randomProbabilities(9, 5, seed: 2))
    let mattes = try [first, second].map { Matte(try Mask(width: 9, height: 5, probabilities: $0)) }
    #expect(try Matte.union(mattes).values == zip(first, second).map(max))
    #expect(try Matte.intersection(mattes).values == zip(first, second).map(min))
    #expect(try Matte.sum(mattes).values == zip(first, second).map { min($0 + $1, 1) })
    #expect(try mattes[0].subtracting(mattes[1]).values == zip(first, second).map { min($0, 1 - $1) })
    #expect(mattes[0].inverted().values == first.map { 1 - $0 })
  }

  /// Rows of several mattes, each nothing outside of a box of its own, give the same values as pixels one by one.
  @Test(arguments: [(1, 1), (40, 30), (65, 129)])
  func setsOfMattesThatCoverPartsOfThePicture(size: (Int, Int)) throws {
    let (width, height) = size
    let set = try MatteSet(
      randomMasks(4, width, height), of: randomPhoto(width, height, seed: 1), refinement: MatteRefinement(radius: 2))
    let values = set.mattes.map(\.values)
    func expected(_ operation: (Float, Float) -> Float) -> [Float] {
      (0..<width * height).map { place in
        values.dropFirst().reduce(values[0][place]) { operation($0, $1[place]) }
      }
    }
    #expect(try Matte.sum(set.mattes).values == expected { min($0 + $1, 1) })
    #expect(try Matte.union(set.mattes).values == expected { max($0, $1) })
    #expect(try Matte.intersection(set.mattes).values == expected { min($0, $1) })
    #expect(set.sum(of: 0..<4).values == expected { min($0 + $1, 1) })
    let less = try set.mattes[0].subtracting(set.mattes[3]).values
    #expect(less == zip(values[0], values[3]).map { min($0, 1 - $1) })
  }

  /// Samples are those of a conversion that cuts off after adding a half, at every sample's middle and edges.
  @Test func samplesAreRoundedHalvesUp() throws {
    for scale: Float in [255, 65535] {
      let values = (0...Int(scale)).flatMap { sample -> [Float] in
        let (middle, edge) = (Float(sample) / scale, min((Float(sample) + 0.5) / scale, 1))
        return [middle, edge.nextDown, edge, min(edge.nextUp, 1)]
      }
      let matte = Matte(try Mask(width: 4, height: values.count / 4, probabilities: values))
      let expected = values.map { Int($0 * scale + 0.5) }
      let samples =
        scale == 255 ? try matte.image8().pixels.map { Int($0) } : try matte.image16().pixels.map { Int($0) }
      #expect(samples == expected)
    }
  }

  @Test func whatDoesNotGoTogetherIsRefused() throws {
    let (mask, photo) = (try drawn("##", "##"), try randomPhoto(2, 2, seed: 0))
    expectError(.sizeMismatch) { _ = try MatteSet([], of: photo) }
    expectError(.sizeMismatch, saying: "1 × 1", "2 × 2") { _ = try MatteSet([drawn("#")], of: photo) }
    expectError(.sizeMismatch) { _ = try Matte.union([]) }
    expectError(.sizeMismatch, saying: "1 × 1") { _ = try Matte(mask).subtracting(Matte(drawn("#"))) }
    for refinement in [
      MatteRefinement(radius: 0), MatteRefinement(radius: .max), MatteRefinement(epsilon: .nan),
      MatteRefinement(epsilon: 0), MatteRefinement(contrast: 0), MatteRefinement(contrast: 9),
      MatteRefinement(subsampling: 0), MatteRefinement(subsampling: .max),
    ] {
      expectError(.invalidOption) { _ = try mask.matte(refinedBy: photo, refinement) }
    }
  }
}

import ImageCoding
import MaskMerging
import TestSupport
import Testing

/// Masks at full size against the values that they are made of.
@Suite(.timeLimit(.minutes(10))) struct MaskTests {
  static let sizes = [(1, 1), (7, 3), (64, 1), (65, 2), (63, 130), (200, 131)]

  @Test(arguments: sizes)
  func probabilitiesAreRounded(width: Int, height: Int) throws {
    let values = randomProbabilities(width, height, seed: width)
    let mask = try Mask(width: width, height: height, probabilities: values)
    #expect(try mask.alpha8().pixels == values.map { UInt8($0 * 255 + 0.5) })
    #expect(try mask.alpha16().pixels == values.map { UInt16($0 * 65535 + 0.5) })
  }

  @Test(arguments: sizes, [0, 0.25, 0.5, 1] as [Float])
  func hardMasksAreWhatExceedsTheThreshold(size: (Int, Int), threshold: Float) throws {
    let (width, height) = size
    let values = randomProbabilities(width, height, seed: height)
    let hard = try Mask(width: width, height: height, probabilities: values).hard(threshold: threshold)
    #expect(try hard.image().pixels == values.map { $0 > threshold ? 255 : 0 })
    #expect(hard.area == values.count { $0 > threshold })
  }

  /// Grid and picture: (height, width).
  @Test(arguments: [((1, 1), (3, 3)), ((4, 6), (50, 70)), ((8, 3), (33, 129)), ((9, 9), (4, 5))])
  func logitsAreResizedAndSquashed(grid: (Int, Int), picture: (Int, Int)) throws {
    var generator = SeededGenerator(grid.0)
    let logits = generator.floats(grid.0 * grid.1, in: -9...9)
    let mask = try Mask(
      logits: logits, gridWidth: grid.1, gridHeight: grid.0, width: picture.1, height: picture.0)
    let expected = Scalar.bilinearResize(
      logits, height: grid.0, width: grid.1, channels: 1, toHeight: picture.0, toWidth: picture.1)
    expectClose(
      try mask.alpha8().pixels.map { Float($0) / 255 }, expected.map(Scalar.logistic), absolute: 0.503 / 255)
    expectClose(
      try mask.alpha16().pixels.map { Float($0) / 65535 }, expected.map(Scalar.logistic), absolute: 1e-4)
    let hard = try mask.hard().image().pixels
    for (value, logit) in zip(hard, expected) where abs(logit) > 1e-3 { #expect((value == 255) == (logit > 0)) }
  }

  @Test func aMaskOfBytesKeepsThem() throws {
    let image = try GrayImage(width: 3, height: 2, pixels: [0, 1, 127, 128, 254, 255])
    #expect(try Mask(image).alpha8() == image)
    #expect(drawing(of: Mask(image).hard()) == ["...", "###"])
  }

  @Test(arguments: sizes, [0, 0.25, 0.5, 1] as [Float])
  func bytesAreDecidedAsProbabilities(size: (Int, Int), threshold: Float) throws {
    let (width, height) = size
    var generator = SeededGenerator(width)
    let bytes = (0..<width * height).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let hard = try Mask(GrayImage(width: width, height: height, pixels: bytes)).hard(threshold: threshold)
    #expect(try hard.image().pixels == bytes.map { Float($0) > threshold * 255 ? 255 : 0 })
  }

  @Test func aHardMaskKeepsItsPixels() throws {
    let hard = try drawn("#.#", "..#").hard()
    #expect(Mask(hard).hard() == hard)
    #expect(try Mask(hard).alpha8() == hard.image())
    #expect(Mask(hard).hard(threshold: 1).area == 0)
  }

  @Test(
    arguments: [
      (["...", "..."], 0, nil),
      (["..#", "..."], 1, BoundingBox(x: 2, y: 0, width: 1, height: 1)),
      (["...", "#.#"], 2, BoundingBox(x: 0, y: 1, width: 3, height: 1)),
      (["###", "###"], 6, BoundingBox(x: 0, y: 0, width: 3, height: 2)),
      ([String(repeating: ".", count: 64) + "##"], 2, BoundingBox(x: 64, y: 0, width: 2, height: 1)),
    ] as [([String], Int, BoundingBox?)])
  func areaAndBox(rows: [String], area: Int, box: BoundingBox?) throws {
    let mask = try drawn(rows)
    #expect(mask.area == area && mask.box == box)
  }

  @Test func pixelsBeyondTheEdgesAreOutside() throws {
    let mask = try drawn("##").hard()
    #expect(!mask[x: -1, y: 0] && !mask[x: 2, y: 0] && !mask[x: 0, y: 1] && mask[x: 1, y: 0])
  }

  // MARK: Unions

  @Test func aUnionIsTheLargestProbability() throws {
    let (first, second) = (randomProbabilities(70, 9, seed: 1), randomProbabilities(70, 9, seed: 2))
    let union = try Mask.union([
      Mask(width: 70, height: 9, probabilities: first), Mask(width: 70, height: 9, probabilities: second),
    ])
    #expect(try union.alpha16().pixels == zip(first, second).map { UInt16(max($0, $1) * 65535 + 0.5) })
    #expect(union.area == zip(first, second).count { max($0, $1) > 0.5 })
  }

  @Test func aUnionOfOneIsThatMask() throws {
    let mask = try drawn("#.", ".#")
    #expect(try Mask.union([mask]).hard() == mask.hard())
  }

  // MARK: Refusals

  @Test(arguments: [Float.nan, -0.001, 1.001, .infinity])
  func whatIsNoProbabilityIsRefused(value: Float) {
    expectError(.invalidProbability, saying: "(1, 2)", "\(value)") {
      _ = try Mask(width: 2, height: 3, probabilities: [0, 1, 0, 1, 0, value])
    }
  }

  @Test func logitsThatAreNotNumbersAreRefused() {
    expectError(.invalidProbability, saying: "(1, 0)") {
      _ = try Mask(logits: [0, .nan], gridWidth: 2, gridHeight: 1, width: 9, height: 9)
    }
  }

  /// Infinite logits are certain, and so are those whose differences no float holds.
  @Test(arguments: [Float.infinity, .greatestFiniteMagnitude])
  func boundlessLogitsAreCertain(value: Float) throws {
    let mask = try Mask(logits: [value, -value], gridWidth: 2, gridHeight: 1, width: 8, height: 3)
    #expect(drawing(of: mask.hard()) == Array(repeating: "####....", count: 3))
    #expect(try mask.alpha8().pixels.prefix(8) == [255, 255, 255, 255, 0, 0, 0, 0])
    #expect(try mergeMasks([mask], labels: [.hair], smoothing: .antialiased).pixels.count == 72)
  }

  @Test(arguments: [(2, 3, 5), (0, 3, 0), (-1, -6, 6), (1 << 40, 1 << 40, 0)])
  func sizesThatDoNotFitAreRefused(width: Int, height: Int, count: Int) {
    expectError(.sizeMismatch) {
      _ = try Mask(width: width, height: height, probabilities: Array(repeating: 0, count: count))
    }
    expectError(.sizeMismatch) {
      _ = try Mask(
        logits: Array(repeating: 0, count: count), gridWidth: width, gridHeight: height, width: 4, height: 4)
    }
  }

  @Test func unionsOfNothingOrOfDifferentSizesAreRefused() throws {
    expectError(.sizeMismatch) { _ = try Mask.union([]) }
    expectError(.sizeMismatch, saying: "2 × 1", "1 × 2") { _ = try Mask.union([drawn("#", "#"), drawn("##")]) }
  }

  @Test(arguments: PixelLayout.Format.allCases, [0, 3])
  func aMaskIsWrittenIntoABuffer(format: PixelLayout.Format, padding: Int) throws {
    let mask = try Mask(width: 70, height: 130, probabilities: randomProbabilities(70, 130, seed: 5))
    let layout = PixelLayout(format, width: 70, height: 130, bytesPerRow: 70 * format.bytesPerPixel + padding)
    var bytes = [UInt8](repeating: 99, count: layout.bytesPerRow * 130)
    try bytes.withUnsafeMutableBytes { try mask.write(to: $0, layout: layout) }
    let found = try RGBImage(copying: bytes, layout: layout).pixels
    let expected = try format.bytesPerSample == 1 ? mask.alpha8().pixels : mask.alpha16().pixels.map { UInt8($0 >> 8) }
    #expect(found == expected.flatMap { [$0, $0, $0] })
    for y in 0..<130 {
      #expect(bytes[(y + 1) * layout.bytesPerRow - padding..<(y + 1) * layout.bytesPerRow].allSatisfy { $0 == 99 })
    }
    let other = PixelLayout(format, width: 69, height: 130)
    #expect(throws: ImageCodingError.self) {
      try bytes.withUnsafeMutableBytes { try mask.write(to: $0, layout: other) }
    }
    #expect(throws: ImageCodingError.self) {
      try bytes.withUnsafeMutableBytes { try mask.write(to: .init(rebasing: $0[..<100]), layout: layout) }
    }
  }
}

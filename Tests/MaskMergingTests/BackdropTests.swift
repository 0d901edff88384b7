import ImageCoding
import MaskMerging
import Testing

@Suite(.timeLimit(.minutes(10))) struct BackdropTests {
  /// A picture of columns in gray, the index of the column times 10.
  private func columns(_ width: Int, _ height: Int) throws -> RGBImage {
    try RGBImage(
      width: width, height: height, pixels: (0..<width * height * 3).map { UInt8($0 / 3 % width * 10) })
  }

  @Test(
    arguments: [
      // What sticks out at the sides goes.
      ((6, 2), (2, 2), [20, 30]), ((5, 1), (3, 1), [10, 20, 30]),
      // What sticks out above and below goes.
      ((3, 9), (3, 1), [0, 10, 20]), ((3, 3), (3, 3), [0, 10, 20]), ((1, 1), (3, 2), [0, 0, 0]),
    ] as [((Int, Int), (Int, Int), [UInt8])])
  func theMiddleIsKept(from size: (Int, Int), to target: (Int, Int), row: [UInt8]) throws {
    let picture = try columns(size.0, size.1).scaledToFill(width: target.0, height: target.1)
    #expect((picture.width, picture.height) == target)
    #expect(stride(from: 0, to: 3 * target.0, by: 3).map { picture.pixels[$0] } == row)
  }

  @Test(arguments: [(0, 1), (1, 0), (-1, 1)])
  func aSizeWithoutPixelsIsRefused(size: (Int, Int)) throws {
    #expect(throws: MaskMergingError.self) { try columns(2, 2).scaledToFill(width: size.0, height: size.1) }
  }

  @Test(
    arguments: [
      ([200, 100, 0, 255], 255, [200, 100, 0, 255]), ([200, 100, 0, 0], 255, [10, 20, 30, 255]),
      ([200, 100, 0, 0], 64, [10, 20, 30, 64]), ([200, 100, 0, 0], 0, [0, 0, 0, 0]),
      // Alpha 128 over 255: 128 of the layer, 127 of the color.
      ([200, 100, 0, 128], 255, [105, 60, 15, 255]),
      // Alpha 128 over 100: 100 · 127 / 255 remain of the color.
      ([200, 100, 0, 128], 100, [147, 78, 8, 178]),
    ] as [([UInt8], UInt8, [UInt8])])
  func aTranslucentColor(layer: [UInt8], opacity: UInt8, expected: [UInt8]) throws {
    let picture = try RGBAImage(width: 1, height: 1, pixels: layer)
      .composited(over: RGBColor(red: 10, green: 20, blue: 30), opacity: opacity)
    #expect(picture.pixels == expected)
  }

  @Test func hiddenColorsAreCleared() throws {
    let image = try RGBAImage(width: 3, height: 1, pixels: [1, 2, 3, 0, 4, 5, 6, 1, 7, 8, 9, 255])
    #expect(try image.clearingHiddenColors().pixels == [0, 0, 0, 0, 4, 5, 6, 1, 7, 8, 9, 255])
  }
}

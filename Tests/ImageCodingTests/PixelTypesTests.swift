import Foundation
import ImageCoding
import Testing

@Suite(.timeLimit(.minutes(10))) struct PixelTypesTests {
  @Test(
    arguments: [
      (0, 1, 0), (1, 0, 0), (-1, -1, 3), (2, 2, 11), (2, 2, 13), (.max, 2, 12), (.max / 2, 3, 0), (1 << 40, 1 << 40, 0),
    ])
  func refuseSizesThatDoNotFit(_ width: Int, _ height: Int, _ count: Int) {
    let values = [UInt8](repeating: 0, count: count)
    expectRefusal(.invalidSize) { _ = try RGBImage(width: width, height: height, pixels: values) }
    expectRefusal(.invalidSize) { _ = try RGBAImage(width: width, height: height, pixels: values) }
    expectRefusal(.invalidSize) { _ = try GrayImage(width: width, height: height, pixels: values) }
    expectRefusal(.invalidSize) { _ = try LabelMap(width: width, height: height, indices: values) }
    expectRefusal(.invalidSize) {
      _ = try Gray16Image(width: width, height: height, pixels: [UInt16](repeating: 0, count: count))
    }
  }

  @Test(arguments: [(0, 1), (-3, 5), (Int.max, Int.max), (1 << 30, 1 << 30)])
  func refuseToBeFilledAtSuchSizes(_ width: Int, _ height: Int) {
    expectRefusal(.invalidSize) { _ = try RGBImage(width: width, height: height, filledWith: (1, 2, 3)) }
  }

  @Test func fillWithAColor() throws {
    let image = try RGBImage(width: 2, height: 1, filledWith: (1, 2, 3))
    #expect(image.pixels == [1, 2, 3, 1, 2, 3])
  }
}

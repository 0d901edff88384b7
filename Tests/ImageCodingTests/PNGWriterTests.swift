import Foundation
import Testing

import ImageCoding

/// What is written is read back the same, at widths that straddle words and with every compression.
@Suite struct PNGWriterTests {
  static let sizes = [(1, 1), (3, 2), (31, 33), (1, 50), (50, 1), (65, 17)]

  private func samples(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 ^ ($0 >> 3)) } }

  @Test(arguments: sizes, PNGCompression.allCases)
  func rgb(_ size: (Int, Int), _ compression: PNGCompression) throws {
    let image = try RGBImage(width: size.0, height: size.1, pixels: samples(3 * size.0 * size.1))
    #expect(try RGBImage(decoding: image.pngData(compression: compression)) == image)
  }

  @Test(arguments: sizes, PNGCompression.allCases)
  func labels(_ size: (Int, Int), _ compression: PNGCompression) throws {
    let map = try LabelMap(width: size.0, height: size.1, indices: samples(size.0 * size.1))
    #expect(try LabelMap(decoding: map.pngData(palette: [(1, 2, 3)], compression: compression)) == map)
  }
}

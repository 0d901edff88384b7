import Foundation
import ImageCoding
import MaskMerging
import TensorCore
import Testing

/// The median against OpenCV's (fixtures/median_blur.json, made by make_fixtures.py beside it), to the byte.
@Suite(.timeLimit(.minutes(10))) struct MedianFilterTests {
  struct Picture: Decodable {
    let width: Int
    let height: Int
    let pixels: Data
    let expected: Data
  }

  @Test func theBytesAreOpenCVs() throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Goldens/fixtures/median_blur.json")
    let pictures = try JSONDecoder().decode([Picture].self, from: Data(contentsOf: url))
    #expect(!pictures.isEmpty)
    for picture in pictures {
      let image = try RGBImage(width: picture.width, height: picture.height, pixels: Array(picture.pixels))
      let filtered = try medianFiltered(image, pool: WorkerPool(threads: 2))
      #expect(filtered.pixels == Array(picture.expected), "\(picture.width) × \(picture.height)")
    }
  }
}

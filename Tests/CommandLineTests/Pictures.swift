import Foundation
import ImageCoding

/// Pictures for tests.
enum Pictures {
  /// A PNG file of colored stripes; different for each seed.
  static func png(width: Int = 48, height: Int = 32, seed: Int = 0) throws -> Data {
    let pixels = (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 / 7 * (seed + 3)) }
    return try RGBImage(width: width, height: height, pixels: pixels).pngData()
  }

  /// Two people, side by side.
  static let sample = path(of: "two-people.jpg")

  /// One person with hair, face and clothes.
  static let astronaut = path(of: "astronaut.png")

  private static func path(of name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Docs/Samples/\(name)").standardizedFileURL.path
  }
}

import Foundation
import ImageCoding

/// Small pictures for tests that care about files, not about what is found in them.
enum Pictures {
  /// A PNG file of colored stripes; each seed gives another.
  static func png(width: Int = 48, height: Int = 32, seed: Int = 0) throws -> Data {
    let pixels = (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 / 7 * (seed + 3)) }
    return try RGBImage(width: width, height: height, pixels: pixels).pngData()
  }

  /// Two people, side by side.
  static let sample = path(of: "two-people.jpg")

  /// One person, whose hair, face and clothes are found.
  static let astronaut = path(of: "astronaut.png")

  private static func path(of name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Docs/Samples/\(name)").standardizedFileURL.path
  }
}

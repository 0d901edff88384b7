import Foundation
import ImageCoding
import Testing

@Suite struct DecodingTests {
  /// JPEG and lossy WebP may round otherwise in another version of their library.
  private func tolerance(_ fixture: Fixture) -> Int {
    fixture.url.pathExtension == "jpg" || fixture.name.hasPrefix("lossy") ? 1 : 0
  }

  @Test(arguments: Fixture.images(in: "decode"))
  func givesThePixelsOfPillow(_ fixture: Fixture) throws {
    try expectSame(RGBImage(contentsOf: fixture.url), fixture.expected, within: tolerance(fixture))
  }

  @Test func fixturesAreThere() { #expect(Fixture.images(in: "decode").count > 90) }

  @Test(
    arguments: [
      ("rgb8.png", ImageFormat.png), ("420.jpg", .jpeg), ("lossy.webp", .webp), ("animated.webp", .webp),
    ])
  func theContentDecides(_ file: String, _ format: ImageFormat) throws {
    let fixture = Fixture("decode/\(file)")
    for name in ["photo.png", "photo.jpg", "photo.webp", "photo", "photo.txt"] {
      let decoded = try ImageDecoder.decode(bytes: fixture.bytes, name: name)
      #expect(decoded.format == format)
      try expectSame(decoded.image, fixture.expected, within: 1)
    }
  }

  @Test(
    arguments: [
      ("rgb8.png", []), ("420.jpg", []), ("lossy.webp", []),
      ("animated.png", ["only the first frame"]), ("animated.webp", ["only the first frame"]),
      ("animated-part.webp", []),
      ("rgb8-profile.png", ["color profile was not applied"]), ("profile.jpg", ["color profile was not applied"]),
      ("profile.webp", ["color profile was not applied"]), ("profile-srgb.jpg", []),
      ("profile-broken.jpg", ["color profile was not applied"]),
    ] as [(String, [String])])
  func saysWhatWasLeftAside(_ file: String, _ notes: [String]) throws {
    let decoded = try ImageDecoder.decode(contentsOf: Fixture("decode/\(file)").url)
    #expect(decoded.notes.count == notes.count)
    for (note, words) in zip(decoded.notes, notes) {
      #expect(note.contains(words) && note.hasPrefix(file), "\(note)")
    }
  }

  @Test func mendsWhatTheLibraryCanMendAndSaysSo() throws {
    var bytes = try Fixture("decode/restarts.jpg").bytes
    // Bytes between the last scan and the end marker.
    bytes.insert(contentsOf: [0x12, 0x34, 0x56], at: bytes.count - 2)
    let decoded = try ImageDecoder.decode(bytes: bytes, name: "photo.jpg")
    #expect(decoded.notes.count == 1 && decoded.notes[0].contains("damaged"), "\(decoded.notes)")
    try expectSame(decoded.image, Fixture("decode/restarts.jpg").expected, within: 1)
  }

  @Test func takesAnyContiguousBytes() throws {
    let fixture = Fixture("decode/rgb8.png")
    let bytes = try fixture.bytes
    try expectSame(RGBImage(decoding: bytes), fixture.expected)
    try expectSame(RGBImage(decoding: Data(bytes)), fixture.expected)
    try expectSame(RGBImage(decoding: bytes[...]), fixture.expected)
    try bytes.withUnsafeBytes { try expectSame(RGBImage(decoding: $0), fixture.expected) }
  }

  @Test(arguments: [(1, 5000), (5000, 1)])
  func readsLinesOfPixels(_ size: (Int, Int)) throws {
    let image = try RGBImage(width: size.0, height: size.1, pixels: (0..<15_000).map { UInt8($0 % 251) })
    try expectSame(RGBImage(decoding: image.pngData()), image)
  }
}

import Foundation
import ImageCoding
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct DecodingTests {
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
      #expect(note.contains(words) && !note.contains(file), "\(note)")
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

  @Test(arguments: ["420.jpg", "420-progressive.jpg", "restarts.jpg", "cmyk.jpg", "gray.jpg"])
  func aCompleteImageWithoutItsEndMarkerIsRead(_ file: String) throws {
    let fixture = Fixture("decode/\(file)")
    let bytes = try fixture.bytes
    for end in [[], [0xFF], Array("SEFH maker's notes".utf8)] as [[UInt8]] {
      let decoded = try ImageDecoder.decode(bytes: bytes.dropLast(2) + end, name: "photo.jpg")
      try expectSame(decoded.image, fixture.expected, within: 1)
      #expect(decoded.notes.contains { $0.contains("damaged") }, "\(decoded.notes)")
    }
    let trailed = try ImageDecoder.decode(bytes: bytes + [0, 1, 2] + bytes, name: "photo.jpg")
    try expectSame(trailed.image, fixture.expected, within: 1)
  }

  @Test func sixteenBitGrayIsScaled() throws {
    let samples = (0..<64 * 4).map { UInt16($0 % 64 * 1000) }
    let file = try Gray16Image(width: 64, height: 4, pixels: samples).pngData()
    let image = try RGBImage(decoding: file)
    #expect(image.pixels == samples.flatMap { Array(repeating: UInt8($0 >> 8), count: 3) })
  }

  @Test(arguments: [
    ("rgba8.png", true), ("rgba16.png", true), ("gray-alpha8-interlaced.png", true), ("palette8-trns.png", true),
    ("gray8-trns.png", true), ("rgb8.png", false), ("palette8.png", false), ("lossless-alpha.webp", true),
    ("lossy-alpha.webp", true), ("lossy.webp", false), ("420.jpg", false),
  ])
  func alphaIsKeptApart(_ file: String, _ isThere: Bool) throws {
    let decoded = try ImageDecoder.decode(contentsOf: Fixture("decode/\(file)").url)
    #expect((decoded.alpha != nil) == isThere)
    if let alpha = decoded.alpha { #expect(alpha.width == decoded.image.width && alpha.pixels.contains { $0 < 255 }) }
  }

  @Test func alphaIsTurnedUprightLikeItsImage() throws {
    let pixels: [UInt8] = [1, 1, 1, 10, 2, 2, 2, 20, 3, 3, 3, 30, 4, 4, 4, 40, 5, 5, 5, 50, 6, 6, 6, 60]
    let plain = [UInt8](try RGBAImage(width: 3, height: 2, pixels: pixels).pngData())
    // eXIf: a little-endian TIFF block with orientation 6, a quarter turn.
    let block: [UInt8] = Array("II*\0".utf8) + [8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]
    let chunk = [0, 0, 0, UInt8(block.count)] + Array("eXIf".utf8) + block + [0, 0, 0, 0]
    let decoded = try ImageDecoder.decode(bytes: withPNGChecksums(Array(plain[..<33]) + chunk + Array(plain[33...])))
    #expect(decoded.image.width == 2)
    #expect(decoded.alpha?.pixels == [40, 10, 50, 20, 60, 30])
  }

  @Test func aPictureBehindAPictureIsSeen() throws {
    for file in ["rgb8.png", "420.jpg", "420-progressive.jpg", "restarts.jpg", "lossy.webp", "animated.webp"] {
      let bytes = try Fixture("decode/\(file)").bytes
      let other = try Fixture("decode/exif-6.jpg").bytes
      #expect(!bytes.withUnsafeBytes { EncodedPicture.isFollowedByAnother($0) }, "\(file)")
      #expect(!(bytes + [1, 2, 3]).withUnsafeBytes { EncodedPicture.isFollowedByAnother($0) }, "\(file)")
      #expect((bytes + other).withUnsafeBytes { EncodedPicture.isFollowedByAnother($0) }, "\(file)")
      for count in 0..<bytes.count {
        #expect(!bytes[..<count].withUnsafeBytes { EncodedPicture.isFollowedByAnother($0) })
      }
    }
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

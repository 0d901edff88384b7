import Foundation
import ImageCoding
import TestSupport
import Testing

/// Bad images are refused with a sentence that names them, and never end the process.
@Suite(.timeLimit(.minutes(10))) struct RefusalTests {
  @Test(
    arguments: [
      ("empty.png", .notAnImage, "no bytes"), ("text.jpg", .notAnImage, "text"),
      ("random.webp", .notAnImage, "start with"), ("gif.png", .notAnImage, "GIF"), ("bmp.jpg", .notAnImage, "BMP"),
      ("signature.png", .truncated, "PNG"), ("signature.jpg", .truncated, "JPEG"),
      ("signature.webp", .truncated, "WebP"), ("bomb.png", .tooLarge, "100000 × 100000"),
      ("profile-bomb.png", .truncated, "PNG"), ("bomb.jpg", .tooLarge, "65500 × 65500"),
      ("bomb-progressive.jpg", .tooLarge, "65500 × 65500"), ("bomb.webp", .tooLarge, "16383 × 16383"),
      ("bomb-canvas.webp", .tooLarge, "60000 × 60000"), ("zero-wide.png", .corrupt, "PNG"),
      ("no-palette.png", .corrupt, "PNG"), ("wrong-checksum.png", .corrupt, "PNG"), ("zero-high.jpg", .corrupt, "JPEG"),
      ("twelve-bits.jpg", .unsupported, "JPEG"), ("no-pixels.jpg", .truncated, "JPEG"),
      ("many-scans.jpg", .tooLarge, "100 scans"), ("frame-outside.webp", .corrupt, "WebP"),
    ] as [(String, ImageCodingError.Code, String)])
  func refuses(_ file: String, _ code: ImageCodingError.Code, _ words: String) {
    expectRefusal(code, file, words) { _ = try RGBImage(contentsOf: Fixture("refused/\(file)").url) }
  }

  @Test func everyBadFileIsInTheTableAbove() { #expect(Fixture.images(in: "refused").count == 22) }

  @Test(
    arguments: [
      "exif-3.jpg", "420-progressive.jpg", "cmyk.jpg",
      "lossy-alpha.webp", "lossless.webp", "animated-part.webp",
    ])
  func refusesEveryBeginning(_ file: String) throws {
    let bytes = try Fixture("decode/\(file)").bytes
    // Without its end marker a JPEG image has all its pixels.
    let needed = bytes.count - (file.hasSuffix("jpg") ? 2 : 0)
    for count in 0..<needed {
      #expect(throws: ImageCodingError.self, "the first \(count) bytes") { _ = try RGBImage(decoding: bytes[..<count]) }
    }
  }

  /// A PNG image is refused unless all its pixels are there, with the checksum of the last chunk of them.
  @Test(arguments: ["rgb8-exif-6.png", "palette4-interlaced.png", "animated.png", "gray16.png"])
  func aBeginningOfAPNGHasAllPixelsOrIsRefused(_ file: String) throws {
    let fixture = Fixture("decode/\(file)")
    let bytes = try fixture.bytes
    let lastData = try #require((0..<bytes.count - 4).last { bytes[$0..<$0 + 4].elementsEqual("IDAT".utf8) })
    let length = bytes[lastData - 4..<lastData].reduce(0) { $0 << 8 | Int($1) }
    let complete = lastData + 4 + length + 4
    for count in 0..<bytes.count {
      do {
        let decoded = try ImageDecoder.decode(bytes: bytes[..<count], name: "photo.png")
        #expect(count >= complete, "the first \(count) bytes")
        #expect(decoded.notes.contains { $0.contains("damaged") }, "\(decoded.notes)")
        try expectSame(decoded.image, fixture.expected, within: 0)
      } catch let error as ImageCodingError {
        #expect(error.code == .truncated || count < 8, "\(error)")
        #expect(count < complete, "the first \(count) bytes: \(error)")
      }
    }
  }

  @Test(
    arguments: [
      "rgb8.png", "palette8-trns-interlaced.png", "gray16.png", "exif-5.jpg", "420-progressive.jpg", "cmyk.jpg",
      "restarts.jpg", "lossy-alpha.webp", "lossless-alpha.webp", "animated.webp", "exif-prefix-3.webp",
    ])
  func readsOrRefusesMutants(_ file: String) throws {
    try expectMutantsReadOrRefused(of: "decode/\(file)", count: 1500, seed: 2024)
  }

  @Test func refusesRandomBytesBehindEverySignature() {
    var generator = ImageMutator(seed: 7)
    for signature in [Array("\u{89}PNG\r\n\u{1A}\n".unicodeScalars.map { UInt8($0.value) }), [0xFF, 0xD8, 0xFF], []] {
      for length in 0..<400 {
        let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(throws: ImageCodingError.self) { _ = try RGBImage(decoding: signature + noise) }
      }
    }
  }

  @Test func limitsCanBeSet() throws {
    var limits = ImageLimits()
    limits.maximumPixels = 37 * 29
    _ = try RGBImage(contentsOf: Fixture("decode/rgb8.png").url, limits: limits)
    limits.maximumPixels -= 1
    for file in ["rgb8.png", "420.jpg", "lossy.webp"] {
      expectRefusal(.tooLarge, file, "37 × 29", "1072") {
        _ = try RGBImage(contentsOf: Fixture("decode/\(file)").url, limits: limits)
      }
    }
    limits = ImageLimits()
    limits.maximumBytes = 100
    expectRefusal(.tooLarge, "rgb8.png", "100") {
      _ = try RGBImage(contentsOf: Fixture("decode/rgb8.png").url, limits: limits)
    }
    expectRefusal(.tooLarge, "upload", "100") {
      _ = try RGBImage(decoding: Fixture("decode/rgb8.png").bytes, name: "upload", limits: limits)
    }
    limits = ImageLimits()
    limits.maximumScans = 2
    expectRefusal(.tooLarge, "2 scans") {
      _ = try RGBImage(contentsOf: Fixture("decode/420-progressive.jpg").url, limits: limits)
    }
  }
}

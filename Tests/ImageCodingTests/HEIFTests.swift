import Foundation
import ImageCoding
import TestSupport
import Testing

/// HEIC and AVIF images, and damaged ones.
@Suite(.timeLimit(.minutes(10))) struct HEIFTests {
  /// Versions of the library convert luminance and chroma otherwise, and interpolate chroma of half the size.
  /// Dark colors of P3 have steps that are wide in sRGB.
  private func tolerance(_ fixture: Fixture) -> Int {
    fixture.name == "420.heic" ? 40 : fixture.name.hasPrefix("p3") ? 16 : 3
  }

  @Test(arguments: Fixture.images(in: "heif"))
  func hasThePixelsThatPillowReads(_ fixture: Fixture) throws {
    let decoded = try ImageDecoder.decode(contentsOf: fixture.url, colors: .keep)
    #expect(decoded.format == (fixture.url.pathExtension == "avif" ? .avif : .heic))
    expectSame(decoded.image, try fixture.expected, within: tolerance(fixture))
    expectSame(try RGBImage(contentsOf: fixture.url), decoded.image)
    #expect(decoded.notes.isEmpty, "\(decoded.notes)")
  }

  @Test func fixturesAreThere() { #expect(Fixture.images(in: "heif").count == 9) }

  @Test(arguments: ["alpha.heic", "alpha.avif"])
  func alphaIsKeptApart(_ file: String) throws {
    let alpha = try #require(try ImageDecoder.decode(contentsOf: Fixture("heif/\(file)").url).alpha)
    let errors = alpha.pixels.enumerated().map { (pixel: Int, value: UInt8) -> Int in
      let diagonal = pixel % 64 + pixel / 64
      return abs(Int(value) - diagonal * 2 % 256)
    }
    #expect(errors.max() ?? 0 <= 8)
  }

  /// The container says how pictures are turned; the block of EXIF that goes along is not applied a second time.
  @Test func turnedOnce() throws {
    let image = try RGBImage(contentsOf: Fixture("heif/turned.heic").url)
    #expect(image.width == 48 && image.height == 64)
  }

  /// Cameras list how a picture is turned before its size; libheif 1.15 then measures it as it was before.
  @Test func turnedBeforeItsSizeIsSaid() throws {
    let fixture = Fixture("heif/turned.heic")
    var bytes = try fixture.bytes
    // Properties of the picture in the box `ipma`: the third one is its size, which goes to the end.
    let properties: [UInt8] = [0x81, 0x02, 0x03, 0x05, 0x84, 0x86]
    let place = try #require(bytes.firstRange(of: properties))
    bytes.replaceSubrange(place, with: [0x81, 0x02, 0x05, 0x84, 0x86, 0x03])
    let file = try TemporaryFolder()
    let image = try RGBImage(contentsOf: URL(filePath: try file.write("turned.heic", bytes)))
    #expect(image == (try RGBImage(contentsOf: fixture.url)))
  }

  @Test func tenBitsAreKept() throws {
    let decoded = try ImageDecoder.decode(contentsOf: Fixture("heif/ten.heic").url, colors: .keep)
    guard case .sixteen(let colors) = try #require(decoded.source).colors else {
      Issue.record("8 bits")
      return
    }
    #expect(colors.pixels.contains { $0 & 0xFF != $0 >> 8 })
    let bytes = colors.pixels.map { (sample: UInt16) -> UInt8 in UInt8(sample >> 8) }
    #expect(decoded.image.pixels == bytes)
  }

  @Test(arguments: ["p3.heic", "p3.avif"])
  func profilesAreKeptOrApplied(_ file: String) throws {
    let url = Fixture("heif/\(file)").url
    let kept = try #require(try ImageDecoder.decode(contentsOf: url, colors: .keep).source)
    let png = try ImageDecoder.decode(contentsOf: Fixture("profiles/p3.png").url, colors: .keep)
    #expect(kept.profile != nil && kept.profile == png.source?.profile)
    #expect(try ImageDecoder.decode(contentsOf: url, colors: .srgb).source == nil)
  }

  // MARK: Refused

  @Test func sizesAreLimitedBeforePixels() throws {
    var limits = ImageLimits()
    limits.maximumPixels = 64 * 48 - 1
    for file in ["rgb8.heic", "turned.heic", "rgb8.avif"] {
      expectRefusal(.tooLarge, file) { _ = try RGBImage(contentsOf: Fixture("heif/\(file)").url, limits: limits) }
    }
  }

  @Test(arguments: ["rgb8.heic", "alpha.heic", "ten.heic", "rgb8.avif"])
  func refusesEveryBeginning(_ file: String) throws {
    let bytes = try Fixture("heif/\(file)").bytes
    for count in stride(from: 0, to: bytes.count, by: 3) {
      #expect(throws: ImageCodingError.self, "the first \(count) bytes") { _ = try RGBImage(decoding: bytes[..<count]) }
    }
  }

  @Test(arguments: [
    "rgb8.heic", "420.heic", "alpha.heic", "ten.heic", "turned.heic", "p3.heic", "alpha.avif", "p3.avif",
  ])
  func readsOrRefusesMutants(_ file: String) throws {
    try expectMutantsReadOrRefused(of: "heif/\(file)", count: 500, seed: 2027)
  }
}

import Foundation
import ImageCoding
import TestSupport
import Testing

/// Colors that 8-bit sRGB does not hold, from files to files.
@Suite(.timeLimit(.minutes(10))) struct SourceColorTests {
  private func source(_ file: String, _ colors: ColorHandling) throws -> SourceImage? {
    try ImageDecoder.decode(contentsOf: Fixture(file).url, colors: colors).source
  }

  private func png(_ source: SourceImage) throws -> Data {
    switch source.colors {
    case .eight(let image): try image.pngData(profile: source.profile)
    case .sixteen(let image): try image.pngData(profile: source.profile)
    }
  }

  /// Wide gamut in, tagged out: Little CMS finds the same colors in both files.
  @Test(
    arguments: [
      "profiles/p3.png", "profiles/adobe.png", "profiles/linear.png", "profiles/p3-exif-6.jpg", "profiles/p3.webp",
      "tiff/p3.tif", "tiff/p3-16.tif", "heif/p3.heic", "heif/p3.avif",
    ])
  func aTaggedPictureHasTheColorsOfItsSource(_ file: String) throws {
    let decoded = try ImageDecoder.decode(contentsOf: Fixture(file).url, colors: .keep)
    let source = try #require(decoded.source)
    #expect(source.profile != nil)
    let written = try ImageDecoder.decode(bytes: png(source), colors: .keep)
    #expect(written.source?.profile == source.profile && written.notes.isEmpty, "\(written.notes)")
    expectSame(written.image, decoded.image, within: file.contains("16") ? 1 : 0)
  }

  @Test(arguments: ["tiff/p3-16.tif", "tiff/rgb16.tif", "decode/rgb16.png", "decode/gray-alpha16.png"])
  func sixteenBitsBecomeSRGBOnRequest(_ file: String) throws {
    let decoded = try ImageDecoder.decode(contentsOf: Fixture(file).url, colors: .srgb)
    let source = try #require(decoded.source)
    guard case .sixteen(let image) = source.colors else {
      Issue.record("8 bits")
      return
    }
    #expect(source.profile == nil && (source.alpha != nil) == (decoded.alpha != nil))
    let written = try ImageDecoder.decode(bytes: image.pngData(), colors: .srgb)
    // Little CMS computes bytes with less than 16 bits, which shows in the darkest ones.
    expectSame(written.image, decoded.image, within: file.contains("p3") ? 12 : 0)
    guard case .sixteen(let again)? = written.source?.colors else {
      Issue.record("8 bits")
      return
    }
    #expect(again == image)
  }

  @Test func eightBitsOfSRGBHaveNoOtherSource() throws {
    for file in ["decode/rgb8.png", "decode/420.jpg", "profiles/unnamed-srgb.png", "tiff/rgb8.tif"] {
      #expect(try source(file, .keep) == nil)
      #expect(try ImageDecoder.decode(contentsOf: Fixture(file).url).source == nil)
    }
    #expect(try source("profiles/p3.png", .srgb) == nil)
  }

  /// A picture of red, green and blue cannot have a profile of grays.
  @Test func profilesOfGraysAreApplied() throws {
    #expect(try source("profiles/gray.png", .keep) == nil)
  }

  /// A gray picture of 16 bits is the one of 8 bits, whatever the file: nothing is cut off.
  @Test func sixteenBitGrayIsThatOfEightBits() throws {
    let gray = try RGBImage(contentsOf: Fixture("tiff/gray8.tif").url)
    for file in ["tiff/gray16.tif", "tiff/gray16-big.tif"] {
      expectSame(try RGBImage(contentsOf: Fixture(file).url), gray)
    }
    expectSame(
      try RGBImage(contentsOf: Fixture("decode/gray16.png").url),
      try RGBImage(contentsOf: Fixture("decode/gray8.png").url))
  }

  @Test func sixteenBitAlphaIsKept() throws {
    let decoded = try ImageDecoder.decode(contentsOf: Fixture("decode/rgba16.png").url, colors: .keep)
    let (alpha, wide) = (try #require(decoded.alpha), try #require(decoded.source?.alpha))
    let bytes = wide.pixels.map { (sample: UInt16) -> UInt8 in UInt8(sample >> 8) }
    #expect(bytes == alpha.pixels && wide.pixels.contains { $0 & 0xFF != $0 >> 8 })
  }

  @Test func filesOf16BitsHaveTheirSamples() throws {
    let pixels = (0..<5 * 4 * 3).map { (index: Int) -> UInt16 in UInt16(index * 1009) }
    let image = try RGB16Image(width: 5, height: 4, pixels: pixels)
    let file = try image.pngData()
    #expect(file[24] == 16 && file[25] == 2)
    guard case .sixteen(let read)? = try ImageDecoder.decode(bytes: file, colors: .keep).source?.colors else {
      Issue.record("8 bits")
      return
    }
    #expect(read == image)
  }
}

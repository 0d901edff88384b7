import ImageCoding
import TestSupport
import Testing

/// Images with ICC profiles become sRGB, with the values that Little CMS gives in Pillow.
@Suite(.timeLimit(.minutes(10))) struct ColorProfileTests {
  /// The two programs round otherwise, and libjpeg's versions too, before the conversion.
  @Test(arguments: Fixture.images(in: "profiles"))
  func convertsToSRGB(_ fixture: Fixture) throws {
    let decoded = try ImageDecoder.decode(contentsOf: fixture.url)
    try expectSame(decoded.image, fixture.expected, within: fixture.url.pathExtension == "jpg" ? 2 : 1)
    #expect(decoded.notes.isEmpty, "\(decoded.notes)")
  }

  @Test func fixturesAreThere() throws {
    #expect(Fixture.images(in: "profiles").count == 11)
    // The conversion is no small matter: red is more saturated in P3.
    let (plain, converted) = try (Fixture("profiles/unnamed-srgb.png").expected, Fixture("profiles/p3.png").expected)
    let differences = zip(plain.pixels, converted.pixels).map { (first: UInt8, second: UInt8) in
      abs(Int(first) - Int(second))
    }
    #expect(differences.max() ?? 0 > 20)
  }

  /// Values that a profile leaves alone but for rounding are not touched, whatever its name.
  @Test func anSRGBProfileChangesNothing() throws {
    let image = try ImageDecoder.decode(contentsOf: Fixture("profiles/unnamed-srgb.png").url).image
    // Red and green of the picture rise evenly from left to right and from top to bottom, outside of a disc.
    for column in 0..<37 {
      let expected = 255 * Double(column) / 36
      #expect(image.pixels[3 * column] == UInt8(expected))
    }
    for row in 0..<29 {
      let expected = 255 * Double(row) / 28
      #expect(image.pixels[3 * 37 * row + 1] == UInt8(expected))
    }
  }

  @Test func alphaStaysAsItIs() throws {
    let decoded = try ImageDecoder.decode(contentsOf: Fixture("profiles/p3-alpha.png").url)
    let expected = (0..<29 * 37).map { (pixel: Int) -> UInt8 in
      let diagonal = pixel % 37 + pixel / 37
      return UInt8(diagonal * 4 % 256)
    }
    #expect(decoded.alpha?.pixels == expected)
  }

  @Test func aProfileWithAMissingSegmentIsNotApplied() throws {
    var bytes = try Fixture("profiles/p3-split.jpg").bytes
    let mark = try #require(bytes.firstRange(of: Array("ICC_PROFILE".utf8)))
    bytes[mark.lowerBound] = UInt8(ascii: "X")
    let decoded = try ImageDecoder.decode(bytes: bytes, name: "a.jpg")
    #expect(decoded.notes.count == 1 && decoded.notes[0].contains("color profile was not applied"), "\(decoded.notes)")
  }

  /// A profile of RGB colors says nothing about inks, and one of grays nothing about colors.
  @Test func profilesOfOtherColorSpacesAreNotApplied() throws {
    let jpeg = try Fixture("profiles/p3.jpg").bytes
    let start = try #require(jpeg.firstRange(of: [0xFF, 0xE2])).lowerBound
    let length = Int(jpeg[start + 2]) << 8 | Int(jpeg[start + 3])
    let segment = Array(jpeg[start..<start + 2 + length])
    var inks = try Fixture("decode/cmyk.jpg").bytes
    inks.insert(contentsOf: segment, at: 2)
    let decoded = try ImageDecoder.decode(bytes: inks, name: "a.jpg")
    #expect(decoded.notes.count == 1 && decoded.notes[0].contains("color profile was not applied"), "\(decoded.notes)")
    try expectSame(decoded.image, Fixture("decode/cmyk.jpg").expected, within: 1)
  }

  @Test func damagedProfilesDoNoHarm() throws {
    let original = try Fixture("profiles/p3.jpg").bytes
    let plain = try Fixture("profiles/p3.png").bytes
    var mutator = ImageMutator(seed: 7)
    for round in 0..<2000 {
      let bytes = mutator.mutant(of: round.isMultiple(of: 2) ? original : plain)
      _ = try? ImageDecoder.decode(bytes: withPNGChecksums(bytes))
    }
  }
}

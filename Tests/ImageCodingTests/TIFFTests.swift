import ImageCoding
import TestSupport
import Testing

/// TIFF images of every kind that other programs write, and damaged ones.
@Suite(.timeLimit(.minutes(10))) struct TIFFTests {
  /// Inks, luminance and chroma, JPEG data and profiles are rounded otherwise by other programs; light is rounded to half
  /// precision.
  private func tolerance(_ fixture: Fixture) -> Int {
    switch fixture.name {
    case "jpeg.tif", "ycbcr.tif": 2
    case "cmyk.tif", "p3.tif", "p3-16.tif", "premultiplied8.tif", "float.tif", "float-tiles.tif", "half.tif": 1
    default: 0
    }
  }

  @Test(arguments: Fixture.images(in: "tiff"))
  func hasThePixelsItWasMadeFrom(_ fixture: Fixture) throws {
    let decoded = try ImageDecoder.decode(contentsOf: fixture.url, colors: .keep)
    #expect(decoded.format == .tiff)
    expectSame(decoded.image, try fixture.expected, within: tolerance(fixture))
    expectSame(try RGBImage(contentsOf: fixture.url), decoded.image)
  }

  @Test func fixturesAreThere() { #expect(Fixture.images(in: "tiff").count == 40) }

  @Test(
    arguments: [
      ("rgb8.tif", []), ("p3.tif", []), ("pages.tif", ["only the first image of the file"]),
      ("float.tif", ["linear light, 0 to 1"]), ("half.tif", ["linear light"]),
    ] as [(String, [String])])
  func saysWhatWasLeftAside(_ file: String, _ notes: [String]) throws {
    let decoded = try ImageDecoder.decode(contentsOf: Fixture("tiff/\(file)").url)
    #expect(decoded.notes.count == notes.count, "\(decoded.notes)")
    for (note, words) in zip(decoded.notes, notes) {
      #expect(note.contains(words) && !note.contains(file), "\(note)")
    }
  }

  @Test(arguments: ["rgb16.tif", "rgb16-planes.tif", "rgb16-tiles.tif", "gray16.tif", "gray16-big.tif", "rgba16.tif"])
  func sixteenBitsAreKept(_ file: String) throws {
    let fixture = Fixture("tiff/\(file)")
    let source = try #require(try ImageDecoder.decode(contentsOf: fixture.url, colors: .keep).source)
    guard case .sixteen(let colors) = source.colors else {
      Issue.record("8 bits")
      return
    }
    #expect(source.profile == nil)
    let expected = try fixture.expected.pixels.map { (byte: UInt8) -> UInt16 in UInt16(byte) << 8 | UInt16(byte ^ 0x5A)
    }
    #expect(colors.pixels == expected)
    #expect((source.alpha != nil) == file.hasPrefix("rgba"))
    if let alpha = source.alpha {
      let fifth: UInt16 = 20 << 8 | 20 ^ 0x5A
      #expect(alpha.pixels[5] == fifth && alpha.pixels.count == colors.width * colors.height)
    }
  }

  @Test(arguments: ["rgba8.tif", "rgba16.tif", "gray-alpha8.tif", "premultiplied8.tif"])
  func alphaIsKeptApart(_ file: String) throws {
    let alpha = try #require(try ImageDecoder.decode(contentsOf: Fixture("tiff/\(file)").url).alpha)
    let expected = (0..<29 * 37).map { (pixel: Int) -> UInt8 in
      let diagonal = pixel % 37 + pixel / 37
      return UInt8(diagonal * 4 % 256)
    }
    #expect(alpha.pixels == expected)
  }

  /// A fourth sample that nobody says is alpha is none.
  @Test func anUnspecifiedSampleIsNoAlpha() throws {
    #expect(try ImageDecoder.decode(contentsOf: Fixture("tiff/rgbx8.tif").url).alpha == nil)
  }

  @Test func alphaIsTurnedUprightLikeItsImage() throws {
    let decoded = try ImageDecoder.decode(contentsOf: Fixture("tiff/orientation-6.tif").url, colors: .keep)
    let (alpha, source) = (try #require(decoded.alpha), try #require(decoded.source?.alpha))
    #expect(alpha.width == 29 && alpha.height == 37 && source.width == 29)
    // The first row was the first column, from below.
    let row = (0..<29).reversed().map { (column: Int) -> UInt8 in UInt8(column * 4) }
    #expect(Array(alpha.pixels[..<29]) == row)
    let bytes = source.pixels.map { (sample: UInt16) -> UInt8 in UInt8(sample >> 8) }
    #expect(bytes == alpha.pixels)
  }

  // MARK: Refused

  /// A header of a directory of one strip, and the bytes of the strip.
  static func file(_ tags: [(UInt16, UInt32)], strip: [UInt8] = []) -> [UInt8] {
    let tags = (tags + [(273, 8), (279, UInt32(strip.count))]).sorted { $0.0 < $1.0 }
    func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
      withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
    let entries = tags.flatMap { bytes($0.0) + bytes(UInt16(4)) + bytes(UInt32(1)) + bytes($0.1) }
    let directory = bytes(UInt16(tags.count)) + entries + bytes(UInt32(0))
    return Array("II*\0".utf8) + bytes(UInt32(8 + strip.count)) + strip + directory
  }

  @Test(
    arguments: [
      ([(256, 100_000), (257, 100_000), (258, 8), (262, 1)], .tooLarge, "100000 × 100000"),
      ([(256, 0), (257, 5), (258, 8), (262, 1)], .corrupt, "TIFF"),
      ([(256, 5), (257, 5), (258, 8)], .corrupt, "what its samples mean"),
      ([(256, 5), (257, 5), (258, 4), (262, 3)], .corrupt, "Colormap"),
      ([(256, 5), (257, 5), (258, 12), (262, 1)], .unsupported, "12 bits"),
      ([(256, 5), (257, 5), (258, 64), (262, 1), (339, 3)], .unsupported, "64 bits"),
      ([(256, 5), (257, 5), (258, 8), (262, 1), (339, 2)], .unsupported, "signed"),
      ([(256, 5), (257, 5), (258, 8), (262, 1), (259, 6)], .unsupported, "compression is number 6"),
      ([(256, 5), (257, 5), (258, 8), (262, 1), (259, 34892)], .unsupported, "compression is number 34892"),
      ([(254, 1), (256, 5), (257, 5), (258, 8), (262, 1), (330, 8)], .unsupported, "a raw photograph"),
      ([(256, 500), (257, 500), (258, 8), (262, 1), (277, 1), (278, 500)], .truncated, "TIFF"),
    ] as [([(UInt16, UInt32)], ImageCodingError.Code, String)])
  func refusesInASentence(_ tags: [(UInt16, UInt32)], _ code: ImageCodingError.Code, _ words: String) {
    expectRefusal(code, "scan.tif", words) {
      _ = try ImageDecoder.decode(bytes: Self.file(tags), name: "scan.tif")
    }
  }

  /// Tiles of gigabytes in a picture of a few pixels.
  @Test func tilesAreLimitedToo() {
    let tags: [(UInt16, UInt32)] = [
      (256, 5), (257, 5), (258, 8), (262, 1), (322, 1 << 16), (323, 1 << 15), (324, 8), (325, 100),
    ]
    expectRefusal(.tooLarge, "scan.tif", "tile") {
      _ = try ImageDecoder.decode(bytes: Self.file(tags, strip: [1, 2, 3]), name: "scan.tif")
    }
  }

  @Test(arguments: ["rgb8.tif", "zlib.tif", "rgb16-tiles.tif", "group4.tif", "jpeg.tif", "p3-16.tif"])
  func readsOrRefusesEveryBeginning(_ file: String) throws {
    let bytes = try Fixture("tiff/\(file)").bytes
    for count in 0..<bytes.count {
      do {
        let image = try RGBImage(decoding: bytes[..<count])
        #expect(image.width == 37)
      } catch is ImageCodingError {}
    }
  }

  @Test(
    arguments: [
      "gray1.tif", "palette4.tif", "rgb8-tiles.tif", "rgb16-tiles.tif", "lzw.tif", "zstd.tif", "lzma.tif", "jpeg.tif",
      "ycbcr.tif", "cmyk.tif", "float-tiles.tif", "half.tif", "premultiplied8.tif", "orientation-6.tif", "planes.tif",
      "bigtiff.tif", "p3-16.tif", "pages.tif",
    ])
  func readsOrRefusesMutants(_ file: String) throws {
    try expectMutantsReadOrRefused(of: "tiff/\(file)", count: 1000, seed: 2026)
  }
}

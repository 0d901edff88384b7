import Foundation
import ImageCoding
import TestSupport
import Testing

/// Color spaces, 16 bits and alpha from pictures to results.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ColorTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func fixture(_ name: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../ImageCodingTests/Fixtures/\(name)").standardizedFileURL
  }

  /// The astronaut, whose values are said to be those of Display P3.
  private func p3() throws -> (path: String, image: RGBImage) {
    let profile = try #require(
      try ImageDecoder.decode(contentsOf: fixture("profiles/p3.png"), colors: .keep).source?.profile)
    let image = try RGBImage(contentsOf: URL(filePath: Pictures.astronaut))
    return (try folder.write("in/p3.png", image.pngData(profile: profile)), image)
  }

  /// The astronaut in 16 bits, with low bytes of their own.
  private func sixteen() throws -> (path: String, image: RGB16Image) {
    let image = try RGBImage(contentsOf: URL(filePath: Pictures.astronaut))
    let pixels = image.pixels.enumerated().map { (index: Int, byte: UInt8) -> UInt16 in
      UInt16(byte) << 8 | UInt16(truncatingIfNeeded: index * 31 & 0xFF)
    }
    let wide = try RGB16Image(width: image.width, height: image.height, pixels: pixels)
    return (try folder.write("in/wide.png", wide.pngData()), wide)
  }

  private func run(_ arguments: String...) throws {
    let result = try Program(arguments).wait()
    #expect(result.status == 0, "\(result.errors)")
  }

  private func decoded(_ name: String) throws -> DecodedImage {
    try ImageDecoder.decode(contentsOf: URL(filePath: folder / name), colors: .keep)
  }

  @Test func aWideGamutPhotographComesOutTagged() throws {
    let (path, image) = try p3()
    try run("parse", path, "-o", folder / "out", "--output", "cutout,layers,labels", "--parts", "hair")
    let input = try decoded("in/p3.png")
    for name in ["out/p3.cutout.png", "out/p3.layers/hair.png"] {
      let cutout = try decoded(name)
      #expect(cutout.source?.profile == input.source?.profile && input.source != nil, "\(name)")
      guard case .eight(let colors)? = cutout.source?.colors else {
        Issue.record("no colors of its own")
        return
      }
      let alpha = try #require(cutout.alpha).pixels
      for pixel in alpha.indices where alpha[pixel] == 255 {
        for channel in 3 * pixel..<3 * pixel + 3 {
          #expect(colors.pixels[channel] == image.pixels[channel])
          #expect(abs(Int(cutout.image.pixels[channel]) - Int(input.image.pixels[channel])) <= 1)
        }
      }
    }
    // The mattes are fitted to what the network sees, which is the same.
    try run("cutout", path, "-o", folder / "srgb.png", "--color", "srgb", "--part", "hair")
    let (kept, converted) = (try decoded("out/p3.cutout.png"), try decoded("srgb.png"))
    #expect(converted.source == nil && converted.alpha == kept.alpha)
    let alpha = try #require(kept.alpha).pixels
    for pixel in alpha.indices where alpha[pixel] == 255 {
      for channel in 3 * pixel..<3 * pixel + 3 {
        #expect(abs(Int(converted.image.pixels[channel]) - Int(kept.image.pixels[channel])) <= 1)
      }
    }
  }

  /// A background is of sRGB, and becomes that of the photograph's color space.
  @Test func backgroundsKeepTheirColors() throws {
    let (path, _) = try p3()
    try run("cutout", path, "-bgc", "20c040", "-o", folder / "color.png")
    try RGBImage(width: 3, height: 3, filledWith: (0x20, 0xC0, 0x40)).write(to: URL(filePath: folder / "flat.png"))
    try run("cutout", path, "--background", folder / "flat.png", "-o", folder / "picture.png")
    for name in ["color.png", "picture.png"] {
      let picture = try decoded(name)
      #expect(picture.source?.profile != nil)
      for (value, expected) in zip(picture.image.pixels[..<3], [0x20, 0xC0, 0x40]) {
        #expect(abs(Int(value) - expected) <= 1)
      }
    }
  }

  @Test func sixteenBitsGoThrough() throws {
    let (path, image) = try sixteen()
    try run("parse", path, "-o", folder / "out", "--output", "cutout,layers,mattes,exr", "--parts", "hair")
    try run("adjust", path, "-o", folder / "adjusted.png", "--part", "hair", "--exposure", "1")
    try run("cutout", path, "-o", folder / "over.png", "-bgc", "ff8000")
    for (name, type) in [
      ("out/wide.cutout.png", 6), ("out/wide.layers/hair.png", 6), ("adjusted.png", 2), ("over.png", 2),
    ] as [(String, UInt8)] {
      #expect(try Array(folder.read(name)[24...25]) == [16, type], "\(name)")
    }
    let cutout = try decoded("out/wide.cutout.png")
    guard case .sixteen(let colors)? = cutout.source?.colors, let alpha = cutout.source?.alpha else {
      Issue.record("8 bits")
      return
    }
    for pixel in alpha.pixels.indices {
      for channel in 3 * pixel..<3 * pixel + 3 {
        if alpha.pixels[pixel] == 65535 { #expect(colors.pixels[channel] == image.pixels[channel]) }
        if alpha.pixels[pixel] == 0 { #expect(colors.pixels[channel] == 0) }
      }
    }
    let matte = try RGBImage(contentsOf: URL(filePath: folder / "out/wide.mattes/hair.png"))
    for pixel in alpha.pixels.indices {
      #expect(abs(Int(alpha.pixels[pixel]) - Int(matte.pixels[3 * pixel]) * 257) <= 129)
    }
  }

  @Test func tiffAndHEICAreParsed() throws {
    try FileManager.default.createDirectory(atPath: folder / "in", withIntermediateDirectories: true)
    for (name, file) in [("tiff/p3-16.tif", "a.tif"), ("heif/turned.heic", "b.HEIC"), ("heif/alpha.avif", "c.avif")] {
      try FileManager.default.copyItem(at: fixture(name), to: URL(filePath: folder / "in/\(file)"))
    }
    try run("parse", folder / "in", "-o", folder / "out", "--output", "labels,cutout")
    #expect(folder.contents.filter { $0.hasSuffix(".labels.png") }.count == 3)
    #expect(try Array(folder.read("out/a.cutout.png")[24...25]) == [16, 6])
    let turned = try RGBImage(contentsOf: URL(filePath: folder / "out/b.cutout.png"))
    #expect(turned.width == 48 && turned.height == 64)
  }

  // MARK: Alpha

  /// The astronaut, whose left half is transparent, with white hidden there.
  private func translucent() throws -> (path: String, alpha: [UInt8]) {
    let image = try RGBImage(contentsOf: URL(filePath: Pictures.astronaut))
    var pixels: [UInt8] = []
    var alpha: [UInt8] = []
    for pixel in 0..<image.width * image.height {
      alpha.append(pixel % image.width < 200 ? 0 : pixel % image.width < 250 ? 128 : 255)
      let isHidden = alpha[pixel] == 0
      pixels += isHidden ? [255, 255, 255] : image.pixels[3 * pixel..<3 * pixel + 3]
      pixels.append(alpha[pixel])
    }
    let picture = try RGBAImage(width: image.width, height: image.height, pixels: pixels)
    return (try folder.write("in/half.png", picture.pngData()), alpha)
  }

  @Test func theAlphaOfThePictureIsMultiplied() throws {
    let (path, own) = try translucent()
    try run("parse", path, "-o", folder / "out", "--output", "cutout,mattes,overlay")
    try run("adjust", path, "-o", folder / "adjusted.png", "--blur", "3")
    let cutout = try decoded("out/half.cutout.png")
    let alpha = try #require(cutout.alpha).pixels
    let matte = try RGBImage(contentsOf: URL(filePath: folder / "out/half.mattes/person.png")).pixels
    for pixel in own.indices {
      let product = Double(own[pixel]) * Double(matte[3 * pixel]) / 255
      #expect(abs(Double(alpha[pixel]) - product) <= 1)
      if alpha[pixel] == 0 { #expect(cutout.image.pixels[3 * pixel] == 0) }
    }
    #expect(try decoded("adjusted.png").alpha?.pixels == own)
    #expect(try decoded("out/half.overlay.png").alpha?.pixels == own)
  }

  @Test func edgesAreExtended() throws {
    let (path, own) = try translucent()
    try run("cutout", path, "-o", folder / "plain.png")
    try run("cutout", path, "-o", folder / "wide.png", "--edge-extend", "8")
    let (plain, wide) = (try decoded("plain.png"), try decoded("wide.png"))
    #expect(plain.alpha == wide.alpha)
    let alpha = try #require(wide.alpha).pixels
    let filled = own.indices.filter { alpha[$0] == 0 && wide.image.pixels[3 * $0...3 * $0 + 2] != [0, 0, 0] }
    #expect(filled.count > 500)
    for pixel in own.indices where alpha[pixel] > 0 {
      #expect(wide.image.pixels[3 * pixel] == plain.image.pixels[3 * pixel])
    }
  }

  @Test func premultipliedColorsAreSaidToBeSo() throws {
    try run("cutout", Pictures.astronaut, "-o", folder / "straight.png")
    try run("cutout", Pictures.astronaut, "-o", folder / "multiplied.png", "--alpha", "premultiplied")
    let (straight, multiplied) = (try decoded("straight.png"), try decoded("multiplied.png"))
    let alpha = try #require(straight.alpha).pixels
    for pixel in alpha.indices {
      for channel in 3 * pixel..<3 * pixel + 3 {
        let expected = Double(straight.image.pixels[channel]) * Double(alpha[pixel]) / 255
        #expect(abs(Double(multiplied.image.pixels[channel]) - expected) <= 0.5)
      }
    }
    #expect(try Data(folder.read("multiplied.png")).range(of: Data("tEXtAlpha\0premultiplied".utf8)) != nil)
    #expect(try Data(folder.read("straight.png")).range(of: Data("premultiplied".utf8)) == nil)
    try run("parse", Pictures.astronaut, "-o", folder / "out", "--output", "exr", "--alpha", "straight")
    #expect(
      try Data(folder.read("out/astronaut.mattes.exr")).range(of: Data("oiio:UnassociatedAlpha\0int\0".utf8)) != nil)
  }

  @Test(
    arguments: [
      (["parse", "--output", "labels", "--color", "srgb"], "--color: expected layers or exr or cutout among --output"),
      (["parse", "--output", "exr", "--edge-extend", "3"], "--edge-extend: expected layers or cutout among --output"),
      (["cutout", "--edge-extend", "5000"], "--edge-extend: expected 0 to 4096"),
      (["cutout", "--edge-extend", "3", "--alpha", "premultiplied"], "--edge-extend: expected straight alpha"),
      (["cutout", "--alpha", "straight", "--background", "x.png"], "--alpha: expected a transparent background"),
      (["cutout", "--color", "cmyk"], "--color"),
    ] as [([String], String)])
  func refusesInASentence(_ flags: [String], _ words: String) throws {
    let result = try Program([flags[0], Pictures.astronaut] + flags.dropFirst()).wait()
    #expect(result.status == 64 && result.errors.contains(words), "\(result.errors)")
  }
}

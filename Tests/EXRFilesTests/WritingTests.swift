import EXRFiles
import Foundation
import ImageCoding
import Testing

@Suite(.timeLimit(.minutes(10))) struct EXRImageTests {
  /// An image of one channel more than a picture, with values that are exact in half precision.
  private func image(_ compression: EXRCompression, width: Int = 37, height: Int = 29) -> EXRImage {
    let colors = EXRSamples(halves: 4 * width * height) { samples in
      for place in samples.indices { samples[place] = UInt16(0x3800 + place % 4 * 16 + place / 4 % 64) }
    }
    let matte = EXRSamples(halving: (0..<width * height).map { Float($0 % 9) / 8 })
    let depth = EXRSamples(floats: width * height) { samples in
      for place in samples.indices { samples[place] = Float(place) * 1e6 }
    }
    return EXRImage(
      dataWindow: EXRWindow(minX: -3, minY: 5, maxX: Int32(width - 4), maxY: Int32(height + 4)),
      displayWindow: EXRWindow(width: 10, height: 20), pixelAspectRatio: 2, compression: compression,
      channels: "RGBA".enumerated().map { EXRSampledChannel(String($1), colors, first: $0, stride: 4) }
        + ["R", "G", "B"].map { EXRSampledChannel("p01_hair.\($0)", matte) } + [EXRSampledChannel("depth.Z", depth)],
      attributes: [EXRAttribute("comment", "written by a test")])
  }

  private func plate(_ data: Data, layer: String? = nil) throws -> EXRPlate {
    try data.withUnsafeBytes { try EXRPlate($0, name: "image", layer: layer) }
  }

  @Test(arguments: EXRCompression.allCases)
  func isReadAsItWasWritten(_ compression: EXRCompression) throws {
    let data = try image(compression).data()
    let colors = try plate(data)
    #expect(colors.pixels.indices.allSatisfy { colors.pixels[$0] == UInt16(0x3800 + $0 % 4 * 16 + $0 / 4 % 64) })
    #expect(colors.dataWindow == EXRWindow(minX: -3, minY: 5, maxX: 33, maxY: 33))
    #expect(colors.displayWindow == EXRWindow(width: 10, height: 20))
    #expect(colors.pixelAspectRatio == 2)
    let matte = try plate(data, layer: "p01_hair")
    let expected = (0..<9).map { Float($0) / 8 }
    #expect((0..<37 * 29).allSatisfy { Float(Float16(bitPattern: matte.pixels[4 * $0])) == expected[$0 % 9] })
  }

  @Test func attributesOfPlatesAreWrittenAsTheyWere() throws {
    let attributes = try Fixture("plates/attributes.exr").plate().attributes
    var image = image(.zip)
    let other = EXRAttribute(name: "unheard", type: "of", value: [1, 2, 3, 4, 5])
    let long = EXRAttribute("a name that is longer than thirty-one bytes", "short")
    let texts = EXRAttribute(name: "texts", type: "stringvector", value: [1, 0, 0, 0, 65, 2, 0, 0, 0, 66, 67])
    image.attributes = attributes + [other, long, texts]
    let read = try plate(image.data()).attributes
    for attribute in image.attributes { #expect(read.contains(attribute), "\(attribute.name)") }
  }

  @Test func namesOfChannelsAreChecked() throws {
    for names in [["R", "R"], [""], [String(repeating: "n", count: 32)]] {
      let samples = EXRSamples(halves: 1) { _ in }
      let image = EXRImage(
        dataWindow: EXRWindow(width: 1, height: 1), displayWindow: EXRWindow(width: 1, height: 1),
        channels: names.map { EXRSampledChannel($0, samples) })
      #expect(throws: ImageCodingError.self) { try image.data() }
    }
  }

  @Test func beautyIsThePlateWhereTheMatteIsWhole() throws {
    let plate = try Fixture("plates/half-zip.exr").plate()
    let matte = (0..<plate.width * plate.height).map { Float($0 % 3) / 2 }
    let image = EXRImage(
      dataWindow: plate.dataWindow, displayWindow: plate.displayWindow,
      channels: "RGBA".enumerated().map {
        EXRSampledChannel(String($1), .layer(of: plate, under: matte), first: $0, stride: 4)
      })
    let beauty = try self.plate(image.data())
    for (pixel, share) in matte.enumerated() {
      for place in 4 * pixel..<4 * pixel + 4 {
        let expected = Float(Float16(bitPattern: plate.pixels[place])) * share
        let found = Float(Float16(bitPattern: beauty.pixels[place]))
        #expect(
          share == 1 ? beauty.pixels[place] == plate.pixels[place] : abs(found - expected) <= abs(expected) / 2048)
      }
    }
  }
}

@Suite(.timeLimit(.minutes(10))) struct EXRNameTests {
  @Test(arguments: [
    ("hair", "hair"), ("upperClothes", "upper_clothes"), ("p01_leftArm", "p01_left_arm"), ("3d-glasses", "m3d_glasses"),
    ("头发", "m__"), ("", "m"), ("a.b c", "a_b_c"),
    (String(repeating: "long", count: 9), "longlonglonglonglonglonglongl"),
  ])
  func layersHaveNamesThatStay(_ name: String, _ expected: String) { #expect(EXRName.layer(name) == expected) }

  @Test func namesDiffer() {
    #expect(EXRName.layers(["a b", "a_b", "a.b", "c"]) == ["a_b", "a_b2", "a_b3", "c"])
    let long = EXRName.layers(Array(repeating: String(repeating: "n", count: 40), count: 12))
    #expect(Set(long).count == 12 && long.allSatisfy { $0.utf8.count <= EXRName.longest })
  }
}

@Suite(.timeLimit(.minutes(10))) struct CryptomatteTests {
  @Test(
    arguments: [
      ("torus", 4_053_562_365), ("", 0), ("hello", 0x248B_FA47), ("hello, world", 0x149B_BB7F),
      ("The quick brown fox jumps over the lazy dog", 0x2E4F_F723),
    ] as [(String, UInt32)])
  func hashesAreThoseOfTheAuthor(_ text: String, _ hash: UInt32) {
    #expect(Cryptomatte.murmurHash3(Array(text.utf8)) == hash)
  }

  @Test func idsAreNormalNumbers() {
    #expect(Float(bitPattern: Cryptomatte.id("torus")) == -1.549_436_2e30)
    for number in 0..<5000 {
      let (name, hash) = ("n\(number)", Cryptomatte.murmurHash3(Array("n\(number)".utf8)))
      #expect(Float(bitPattern: Cryptomatte.id(name)).isNormal)
      #expect([0, 1 << 23].contains(Cryptomatte.id(name) ^ hash))
    }
  }

  /// The samples of a Cryptomatte's channels, by name.
  private func samples(_ matte: Cryptomatte, _ pixel: Int) -> [Float] {
    matte.channels.map { channel in channel.samples.float(at: channel.first + pixel * channel.stride) }
  }

  @Test func ranksFallByCoverage() {
    let items: [Cryptomatte.Item] = [
      ("a", [0.25, 1, 0]), ("b", [0.5, 1, 0]), ("c", [0, 0.5, 0]), ("d", [0.125, 0, 0]),
    ]
    let matte = Cryptomatte("CryptoPart", items, others: ["a", "e \"x\""], pixelCount: 3)
    #expect(
      matte.channels.map(\.name).prefix(5) == [
        "CryptoPart00.R", "CryptoPart00.G", "CryptoPart00.B", "CryptoPart00.A", "CryptoPart01.R",
      ])
    func id(_ name: String) -> Float { Float(bitPattern: Cryptomatte.id(name)) }
    #expect(samples(matte, 0) == [id("b"), 0.5, id("a"), 0.25, id("d"), 0.125, 0, 0, 0, 0, 0, 0])
    // What is more than a pixel is shared.
    #expect(samples(matte, 1).prefix(6) == [id("a"), 0.4, id("b"), 0.4, id("c"), 0.2])
    #expect(samples(matte, 2).allSatisfy { $0 == 0 })
    let attributes = Dictionary(
      uniqueKeysWithValues: matte.attributes.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) })
    #expect(attributes["cryptomatte/3201c4f/name"] == "CryptoPart")
    #expect(attributes["cryptomatte/3201c4f/hash"] == "MurmurHash3_32")
    #expect(attributes["cryptomatte/3201c4f/conversion"] == "uint32_to_float32")
    let manifest = try? JSONSerialization.jsonObject(
      with: Data((attributes["cryptomatte/3201c4f/manifest"] ?? "").utf8))
    #expect((manifest as? [String: String])?.keys.sorted() == ["a", "b", "c", "d", "e \"x\""])
  }

  @Test func theSmallestOfManyIsLeftOut() {
    let items = (1...8).map { (name: "n\($0)", coverage: [Float($0) / 64]) }
    let matte = Cryptomatte("CryptoPart", items, pixelCount: 1)
    #expect(samples(matte, 0).enumerated().filter { $0.offset % 2 == 1 }.map { $0.element * 64 } == [8, 7, 6, 5, 4, 3])
  }
}

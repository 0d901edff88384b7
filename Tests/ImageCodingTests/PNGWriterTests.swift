import CImageShims
import Foundation
import ImageCoding
import Testing

/// What is written is read back the same, at widths that straddle words and with every compression.
@Suite(.timeLimit(.minutes(10))) struct PNGWriterTests {
  static let sizes = [(1, 1), (3, 2), (31, 33), (1, 50), (50, 1), (65, 17)]

  private func samples(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 ^ ($0 >> 3)) } }

  /// The header and the samples as they are stored.
  private func stored(_ file: Data, count: Int) throws -> (header: image_png_header, samples: [UInt8]) {
    let bytes = [UInt8](file)
    var header = image_png_header()
    var samples = [UInt8](repeating: 0, count: count)
    let silent = image_shim_message()
    try #require(image_png_read_header(bytes, bytes.count, &header, silent) == IMAGE_SHIM_OK)
    try #require(
      image_png_read(bytes, bytes.count, IMAGE_PNG_STORED, &samples, samples.count, nil, silent, silent)
        == IMAGE_SHIM_OK)
    return (header, samples)
  }

  @Test(arguments: sizes, PNGCompression.allCases)
  func rgb(_ size: (Int, Int), _ compression: PNGCompression) throws {
    let image = try RGBImage(width: size.0, height: size.1, pixels: samples(3 * size.0 * size.1))
    try expectSame(RGBImage(decoding: image.pngData(compression: compression)), image)
  }

  @Test(arguments: sizes)
  func rgba(_ size: (Int, Int)) throws {
    let image = try RGBAImage(width: size.0, height: size.1, pixels: samples(4 * size.0 * size.1))
    let file = try stored(image.pngData(), count: image.pixels.count)
    #expect(file.header.color_type == 6 && file.header.bit_depth == 8 && file.samples == image.pixels)
  }

  @Test(arguments: sizes)
  func gray(_ size: (Int, Int)) throws {
    let image = try GrayImage(width: size.0, height: size.1, pixels: samples(size.0 * size.1))
    let file = try stored(image.pngData(), count: image.pixels.count)
    #expect(file.header.color_type == 0 && file.header.bit_depth == 8 && file.samples == image.pixels)
    #expect(try LabelMap(decoding: image.pngData()).indices == image.pixels)
  }

  @Test(arguments: sizes)
  func gray16(_ size: (Int, Int)) throws {
    let values = samples(size.0 * size.1).map { UInt16($0) * 251 }
    let image = try Gray16Image(width: size.0, height: size.1, pixels: values)
    let file = try stored(image.pngData(), count: 2 * values.count)
    #expect(file.header.color_type == 0 && file.header.bit_depth == 16)
    #expect(file.samples == values.flatMap { value in withUnsafeBytes(of: value, Array.init) })
  }

  @Test(arguments: sizes, PNGCompression.allCases)
  func labels(_ size: (Int, Int), _ compression: PNGCompression) throws {
    let map = try LabelMap(width: size.0, height: size.1, indices: samples(size.0 * size.1))
    let file = try map.pngData(palette: [(1, 2, 3)], compression: compression)
    #expect(try stored(file, count: map.indices.count).header.color_type == 3)
    #expect(try LabelMap(decoding: file) == map)
  }

  @Test func labelsHaveTheirColors() throws {
    let map = try LabelMap(width: 3, height: 1, indices: [0, 1, 2])
    let image = try RGBImage(decoding: map.pngData(palette: [(10, 20, 30), (40, 50, 60)]))
    #expect(image.pixels == [10, 20, 30, 40, 50, 60, 0, 0, 0])
    let colors = [(red: UInt8, green: UInt8, blue: UInt8)](repeating: (0, 0, 0), count: 257)
    expectRefusal(.invalidSize, "257") { _ = try map.pngData(palette: colors) }
  }

  @Test func everythingIsWrittenToFiles() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("written-\(UUID().uuidString).png")
    defer { try? FileManager.default.removeItem(at: url) }
    let image = try RGBImage(width: 5, height: 4, pixels: samples(60))
    try image.write(to: url)
    try expectSame(RGBImage(contentsOf: url), image)
    let map = try LabelMap(width: 5, height: 4, indices: samples(20))
    try map.write(to: url, palette: [])
    #expect(try LabelMap(contentsOf: url) == map)
    try GrayImage(width: 5, height: 4, pixels: samples(20)).write(to: url)
    #expect(try LabelMap(contentsOf: url) == map)
    try Gray16Image(width: 1, height: 1, pixels: [77 * 257]).write(to: url)
    #expect(try RGBImage(contentsOf: url).pixels == [77, 77, 77])
    try RGBAImage(width: 1, height: 1, pixels: [7, 8, 9, 0]).write(to: url)
    #expect(try RGBImage(contentsOf: url).pixels == [7, 8, 9])
  }
}

@Suite(.timeLimit(.minutes(10))) struct LabelMapReadingTests {
  @Test(
    arguments: [
      ("palette1.png", 2), ("palette2.png", 4), ("palette4.png", 16), ("palette4-interlaced.png", 16),
      ("palette8.png", 200), ("palette8-trns.png", 200), ("gray1.png", 2), ("gray4.png", 16), ("gray8.png", 256),
    ])
  func takesIndicesAsTheyAreStored(_ file: String, _ count: Int) throws {
    let map = try LabelMap(contentsOf: Fixture("decode/\(file)").url)
    #expect(map.width == 37 && map.height == 29)
    #expect(map.indices.allSatisfy { Int($0) < count } && Set(map.indices).count > 1)
  }

  @Test(
    arguments: [
      ("rgb8.png", .unsupported, "8-bit RGB"), ("gray16.png", .unsupported, "16-bit gray"),
      ("rgba8.png", .unsupported, "RGBA"), ("gray.jpg", .notAnImage, "JPEG"),
    ] as [(String, ImageCodingError.Code, String)])
  func refusesOtherKinds(_ file: String, _ code: ImageCodingError.Code, _ words: String) {
    expectRefusal(code, file, words) { _ = try LabelMap(contentsOf: Fixture("decode/\(file)").url) }
  }
}

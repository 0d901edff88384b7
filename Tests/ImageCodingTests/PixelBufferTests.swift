import Foundation
import ImageCoding
import Testing

/// Pictures from and to buffers of every format, with and without padding between rows.
@Suite(.timeLimit(.minutes(10))) struct PixelBufferTests {
  private static let formats = PixelLayout.Format.allCases
  private static let colored = formats.filter { $0.channels > 1 }
  private let padding = UInt8(0xA5)

  /// Size, and bytes of padding after each row; odd ones leave 16-bit rows unaligned.
  private static let shapes = [(1, 1, 0), (3, 2, 0), (3, 2, 5), (17, 3, 1), (64, 2, 64)]

  private func samples(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 41 &+ 7) } }

  private func layout(_ format: PixelLayout.Format, _ shape: (Int, Int, Int)) -> PixelLayout {
    PixelLayout(
      format, width: shape.0, height: shape.1, bytesPerRow: shape.0 * format.bytesPerPixel + shape.2)
  }

  /// A buffer that ends with the last row's pixels, filled by `write`, which leaves all padding as it was.
  private func buffer(
    _ layout: PixelLayout, _ write: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> [UInt8] {
    let rowBytes = layout.width * layout.format.bytesPerPixel
    var bytes = [UInt8](repeating: padding, count: (layout.height - 1) * layout.bytesPerRow + rowBytes)
    try bytes.withUnsafeMutableBytes { try write($0) }
    for index in bytes.indices where index % layout.bytesPerRow >= rowBytes { #expect(bytes[index] == padding) }
    return bytes
  }

  @Test(arguments: colored, shapes)
  func rgbGoesThereAndBack(format: PixelLayout.Format, shape: (Int, Int, Int)) throws {
    let image = try RGBImage(width: shape.0, height: shape.1, pixels: samples(shape.0 * shape.1 * 3))
    let layout = layout(format, shape)
    let bytes = try buffer(layout) { try image.write(to: $0, layout: layout) }
    #expect(try RGBImage(copying: bytes, layout: layout) == image)
  }

  @Test(arguments: colored.filter { $0.channels == 4 }, shapes)
  func rgbaGoesThereAndBack(format: PixelLayout.Format, shape: (Int, Int, Int)) throws {
    let image = try RGBAImage(width: shape.0, height: shape.1, pixels: samples(shape.0 * shape.1 * 4))
    let layout = layout(format, shape)
    let bytes = try buffer(layout) { try image.write(to: $0, layout: layout) }
    #expect(try RGBAImage(copying: bytes, layout: layout) == image)
  }

  @Test(arguments: formats, shapes)
  func grayGoesIntoEveryFormat(format: PixelLayout.Format, shape: (Int, Int, Int)) throws {
    let image = try GrayImage(width: shape.0, height: shape.1, pixels: samples(shape.0 * shape.1))
    let layout = layout(format, shape)
    let bytes = try buffer(layout) { try image.write(to: $0, layout: layout) }
    let repeated = image.pixels.flatMap { [$0, $0, $0] }
    #expect(try RGBImage(copying: bytes, layout: layout).pixels == repeated)
    if format.channels == 1 { #expect(try GrayImage(copying: bytes, layout: layout) == image) }
  }

  @Test(arguments: shapes)
  func grayOf16BitsKeepsThem(shape: (Int, Int, Int)) throws {
    let values = (0..<shape.0 * shape.1).map { UInt16(truncatingIfNeeded: $0 &* 7919 &+ 258) }
    let image = try Gray16Image(width: shape.0, height: shape.1, pixels: values)
    let layout = layout(.gray16, shape)
    let bytes = try buffer(layout) { try image.write(to: $0, layout: layout) }
    #expect(try Gray16Image(copying: bytes, layout: layout) == image)
    #expect(try GrayImage(copying: bytes, layout: layout).pixels == values.map { UInt8($0 >> 8) })
  }

  @Test func channelsLieAsTheFormatSays() throws {
    let bytes: [UInt8] = [1, 2, 3, 4]
    let bgra = PixelLayout(.bgra8, width: 1, height: 1)
    #expect(try RGBImage(copying: bytes, layout: bgra).pixels == [3, 2, 1])
    #expect(try RGBAImage(copying: bytes, layout: bgra).pixels == [3, 2, 1, 4])
    let rgba = PixelLayout(.rgba8, width: 1, height: 1)
    #expect(try RGBImage(copying: Data(bytes), layout: rgba).pixels == [1, 2, 3])
    #expect(try RGBAImage(copying: bytes, layout: PixelLayout(.rgb8, width: 1, height: 1)).pixels == [1, 2, 3, 255])
    let image = try RGBImage(width: 1, height: 1, pixels: [1, 2, 3])
    #expect(try buffer(bgra) { try image.write(to: $0, layout: bgra) } == [3, 2, 1, 255])
    let rgb16 = PixelLayout(.rgb16, width: 1, height: 1)
    let words = try buffer(rgb16) { try image.write(to: $0, layout: rgb16) }
    #expect(words.withUnsafeBytes { Array($0.bindMemory(to: UInt16.self)) } == [257, 514, 771])
  }

  @Test(
    arguments: [
      PixelLayout(.rgb8, width: 0, height: 1), PixelLayout(.rgb8, width: 1, height: 0),
      PixelLayout(.rgb8, width: -1, height: 1), PixelLayout(.rgb8, width: 1, height: -1),
      PixelLayout(.rgb8, width: 4, height: 2, bytesPerRow: 11), PixelLayout(.rgb8, width: 4, height: 2, bytesPerRow: 0),
      PixelLayout(.rgb8, width: 4, height: 2, bytesPerRow: -12),
      PixelLayout(.rgb8, width: 4, height: 2, bytesPerRow: 13), PixelLayout(.rgba8, width: 4, height: 2),
      PixelLayout(.rgb16, width: 4, height: 2), PixelLayout(.rgb8, width: .max, height: 2),
      PixelLayout(.rgb8, width: .max, height: .max), PixelLayout(.rgb8, width: 4, height: .max),
      PixelLayout(.rgb8, width: 4, height: 2, bytesPerRow: .max), PixelLayout(.rgb8, width: 1 << 33, height: 1),
    ])
  func malformedBuffersAreRefused(layout: PixelLayout) throws {
    let bytes = [UInt8](repeating: 0, count: 24)
    let reading = #expect(throws: ImageCodingError.self) { try RGBImage(copying: bytes, layout: layout) }
    #expect(reading?.code == .invalidSize)
    let image = try RGBImage(width: 4, height: 2, pixels: bytes)
    var target = bytes
    let writing = #expect(throws: ImageCodingError.self) {
      try target.withUnsafeMutableBytes { try image.write(to: $0, layout: layout) }
    }
    #expect(writing?.code == .invalidSize)
    #expect(throws: ImageCodingError.self) { try RGBImage(copying: [UInt8](), layout: layout) }
  }

  @Test(arguments: colored)
  func colorDoesNotBecomeGray(format: PixelLayout.Format) throws {
    let bytes = [UInt8](repeating: 0, count: 8)
    let error = #expect(throws: ImageCodingError.self) {
      try GrayImage(copying: bytes, layout: PixelLayout(format, width: 1, height: 1))
    }
    #expect(error?.code == .unsupported)
  }
}

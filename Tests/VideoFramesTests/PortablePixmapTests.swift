import Foundation
import ImageCoding
import Platform
import Testing
import VideoFrames

@Suite(.timeLimit(.minutes(10))) struct PortablePixmapTests {
  /// A reader of bytes that fit a pipe.
  private func reader(_ bytes: [UInt8], limits: ImageLimits = .default) throws -> PortablePixmapReader {
    let (reader, writeEnd) = try PipeReader.open()
    let handle = FileHandle(fileDescriptor: writeEnd, closeOnDealloc: true)
    try handle.write(contentsOf: Data(bytes))
    try handle.close()
    return PortablePixmapReader(reader, limits: limits)
  }

  @Test func picturesFollowEachOtherInAnySize() throws {
    var reader = try reader(
      Array("P6\n2 1\n255\n".utf8) + [1, 2, 3, 4, 5, 6] + Array("P6 1\n1 255 ".utf8) + [10, 32, 9])
    #expect(try reader.next() == RGBImage(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 6]))
    #expect(try reader.next() == RGBImage(width: 1, height: 1, pixels: [10, 32, 9]))
    #expect(try reader.next() == nil)
  }

  @Test func deepSamplesKeepTheirHighByte() throws {
    var reader = try reader(Array("P6\n1 2\n65535\n".utf8) + (1...12).map { UInt8($0) })
    #expect(try reader.next() == RGBImage(width: 1, height: 2, pixels: [1, 3, 5, 7, 9, 11]))
  }

  @Test(
    arguments: [
      ("P6\n2 1\n255\nabcde", .cutOff), ("P6\n2 1\n2", .cutOff), ("P5\n2 1\n255\nab", .notPixmap),
      ("P6\n2 1\n65536\nabcdef", .notPixmap), ("P6\n2 x\n255\nabcdef", .notPixmap),
      ("P6\n20 10\n255\n", .tooLarge(width: 20, height: 10)), ("P6\n0 1\n255\n", .tooLarge(width: 0, height: 1)),
      ("P6\n4611686018427387904 4\n255\n", .tooLarge(width: 4_611_686_018_427_387_904, height: 4)),
      ("P6 1 1 255 " + String(repeating: "a", count: 2), .cutOff), (String(repeating: "P6 ", count: 40), .notPixmap),
    ] as [(String, PortablePixmapReader.Refusal)])
  func whatIsNoPictureIsRefused(text: String, refusal: PortablePixmapReader.Refusal) throws {
    var limits = ImageLimits.default
    limits.maximumPixels = 199
    var reader = try reader(Array(text.utf8), limits: limits)
    let error = #expect(throws: PortablePixmapReader.Refusal.self) { try reader.next() }
    #expect(error == refusal)
  }
}

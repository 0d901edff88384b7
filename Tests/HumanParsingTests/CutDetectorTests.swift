import HumanParsing
import ImageCoding
import KernelTestSupport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct CutDetectorTests {
  private let street: RGBImage
  private let astronaut: RGBImage

  init() throws {
    street = try RGBImage(contentsOf: Sample.photograph("two-people.jpg"))
    astronaut = try RGBImage(contentsOf: Sample.photograph("astronaut.png"))
  }

  private func cuts(_ images: [RGBImage]) -> [Bool] {
    var detector = CutDetector()
    return images.map { detector.isCut($0) }
  }

  private func changed(_ image: RGBImage, _ change: (_ x: Int, _ y: Int, _ channel: Int) -> UInt8) throws -> RGBImage {
    try RGBImage(
      width: image.width, height: image.height,
      pixels: image.pixels.indices.map { change($0 / 3 % image.width, $0 / 3 / image.width, $0 % 3) })
  }

  @Test func findsACut() { #expect(cuts([street, street, astronaut, astronaut]) == [false, false, true, false]) }

  @Test func aFlashIsNoCut() throws {
    let flash = try changed(street) { x, y, channel in
      let value = Int(street.pixels[(y * street.width + x) * 3 + channel])
      return UInt8(clamping: value / 2 + 120)
    }
    #expect(cuts([street, flash, street]) == [false, false, false])
  }

  @Test func aFastPanIsNoCut() throws {
    let pan = try changed(street) { x, y, channel in
      let column = (x + street.width / 8) % street.width
      return street.pixels[(y * street.width + column) * 3 + channel]
    }
    #expect(cuts([street, pan]) == [false, false])
  }

  @Test func noiseIsNoCut() throws {
    var generator = SeededGenerator(4)
    let noisy = try changed(street) { x, y, channel in
      let value = Int(street.pixels[(y * street.width + x) * 3 + channel])
      return UInt8(clamping: value + Int.random(in: -20...20, using: &generator))
    }
    #expect(cuts([street, noisy, street]) == [false, false, false])
  }
}

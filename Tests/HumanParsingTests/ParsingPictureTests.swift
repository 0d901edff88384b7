import HumanParsing
import ImageCoding
import MaskMerging
import Testing

@Suite(.timeLimit(.minutes(10))) struct ParsingPictureTests {
  /// The cells of a picture: red hair, yellow faces, white arms, `.` for black.
  private func cells(of image: RGBImage) -> [String] {
    let names: [[UInt8]: Character] = [[255, 0, 0]: "R", [255, 255, 0]: "Y", [255, 255, 255]: "W", [0, 0, 0]: "."]
    return stride(from: 1, to: image.height, by: 2).map { y in
      String(
        stride(from: 1, to: image.width, by: 2).map { x in
          names[Array(image.pixels[3 * (y * image.width + x)..<3 * (y * image.width + x) + 3])] ?? "?"
        })
    }
  }

  private let picture = ["RRR..YYY..", "YYY..YYY..", ".....RRR.W"]

  @Test(arguments: [nil, PaintOrder.byConfidence, .byArea])
  func theColorMapShowsEachPartInItsColor(order: PaintOrder?) throws {
    #expect(cells(of: try ParsingScene.two.parsing().colorMap(order: order)) == picture)
  }

  @Test func smoothingTakesTheMedian() throws {
    let parsing = try ParsingScene.two.parsing()
    #expect(try parsing.colorMap(smoothing: .median3x3) != parsing.colorMap())
  }

  @Test func anOverlayLeavesTheBackground() throws {
    let scene = ParsingScene.two
    let (photo, parsing) = (try scene.photo(), try scene.parsing())
    let overlay = try parsing.overlay(on: photo, opacity: 1)
    let colors = try parsing.colorMap()
    for (pixel, label) in parsing.labelMap.indices.enumerated() {
      let expected = label == 0 ? photo.pixels : colors.pixels
      #expect(overlay.pixels[3 * pixel..<3 * pixel + 3] == expected[3 * pixel..<3 * pixel + 3])
    }
  }

  @Test func aCutoutShowsThePeople() throws {
    let scene = ParsingScene.two
    let (photo, parsing) = (try scene.photo(), try scene.parsing())
    let cutout = try parsing.cutout(of: photo, edgeColors: .photograph)
    let alpha = try parsing.mask(of: [.human]).alpha8()
    for pixel in alpha.pixels.indices {
      #expect(cutout.pixels[4 * pixel + 3] == alpha.pixels[pixel])
      #expect(cutout.pixels[4 * pixel] == photo.pixels[3 * pixel])
    }
  }

  @Test func aLegendNamesWhatOccurs() throws {
    let parsing = try ParsingScene.two.parsing()
    let expected = try Palette.film.legend(of: [.background, .hair, .face, .leftArm], scale: 1)
    #expect(try parsing.legend(scale: 1) == expected)
    // A class without a color is shown as the picture shows it.
    #expect(try parsing.legend(palette: Palette([:])).height == 2 * expected.height)
  }

  @Test func aPhotoOfAnotherSizeIsRefused() throws {
    let parsing = try ParsingScene.two.parsing()
    let photo = try RGBImage(width: 6, height: 20, pixels: Array(repeating: 0, count: 360))
    #expect(throws: MaskMergingError.self) { try parsing.overlay(on: photo) }
    #expect(throws: MaskMergingError.self) { try parsing.cutout(of: photo) }
  }
}

import ImageCoding
import MaskMerging
import Testing

/// Layers and adjustments of 16 bits do to a picture what those of 8 bits do, with finer steps.
@Suite(.timeLimit(.minutes(10))) struct SixteenBitTests {
  private let width = 40
  private let height = 30

  private func photo() throws -> RGBImage {
    let pixels = (0..<width * height * 3).map { (index: Int) -> UInt8 in UInt8(index * 37 % 251) }
    return try RGBImage(width: width, height: height, pixels: pixels)
  }

  private func wide(_ image: RGBImage) throws -> RGB16Image {
    try RGB16Image(width: image.width, height: image.height, pixels: image.pixels.map { UInt16($0) * 257 })
  }

  /// A slope of values over the whole width.
  private func matte() throws -> Matte {
    let values = (0..<width * height).map { (pixel: Int) -> Float in
      let x = Float(pixel % width)
      return min(max((x - 10) / 20, 0), 1)
    }
    return Matte(try Mask(width: width, height: height, probabilities: values))
  }

  private func expectClose(_ wide: [UInt16], _ narrow: [UInt8], within tolerance: Int = 129) {
    #expect(wide.count == narrow.count)
    let errors = zip(wide, narrow).map { (sixteen: UInt16, eight: UInt8) -> Int in
      abs(Int(sixteen) - Int(eight) * 257)
    }
    #expect(errors.max() ?? 0 <= tolerance)
  }

  @Test func layersAndWhatIsMadeOfThem() throws {
    let (photo, matte) = (try photo(), try matte())
    let layer = try matte.layer(of: photo)
    let wideLayer = try matte.layer(of: wide(photo))
    expectClose(wideLayer.pixels, layer.pixels)
    // More steps than bytes have.
    #expect(Set(stride(from: 3, to: wideLayer.pixels.count, by: 4).map { wideLayer.pixels[$0] & 0xFF }).count > 5)
    let color = RGBColor(red: 10, green: 200, blue: 90)
    expectClose(try wideLayer.composited(over: photo).pixels, try layer.composited(over: photo).pixels, within: 520)
    expectClose(try wideLayer.composited(over: color).pixels, try layer.composited(over: color).pixels, within: 520)
    expectClose(
      try wideLayer.composited(over: color, opacity: 90).pixels, try layer.composited(over: color, opacity: 90).pixels,
      within: 520)
    expectClose(try wideLayer.premultiplied().pixels, try layer.premultiplied().pixels, within: 520)
    expectClose(try wideLayer.clearingHiddenColors().pixels, try layer.clearingHiddenColors().pixels)
    expectClose(try wideLayer.extendingEdges(by: 4).pixels, try layer.extendingEdges(by: 4).pixels, within: 520)
  }

  @Test func adjustments() throws {
    let (photo, matte) = (try photo(), try matte())
    let changes = [
      try Adjustment.exposure(stops: 0.5), try .tint(RGBColor(red: 90, green: 20, blue: 200)), try .blur(1),
    ]
    let changed = try wide(photo).adjusted(with: changes, where: matte)
    expectClose(changed.pixels, try photo.adjusted(with: changes, where: matte).pixels, within: 520)
    // What the matte leaves out keeps its bits.
    for pixel in 0..<width * height where pixel % width < 10 {
      for channel in 3 * pixel..<3 * pixel + 3 {
        #expect(changed.pixels[channel] == UInt16(photo.pixels[channel]) * 257)
      }
    }
  }

  @Test func sizesAreChecked() throws {
    let photo = try RGB16Image(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 6])
    #expect(throws: MaskMergingError.self) { try matte().layer(of: photo) }
    #expect(throws: MaskMergingError.self) { try photo.adjusted(with: [], where: matte()) }
  }
}

/// Colors that an alpha of 0 hides.
@Suite(.timeLimit(.minutes(10))) struct EdgeExtensionTests {
  /// Two colors side by side in the middle of nothing, whose hidden colors are white.
  private func layer() throws -> RGBAImage {
    var pixels = [UInt8](repeating: 255, count: 4 * 7 * 5)
    for pixel in 0..<35 { pixels[4 * pixel + 3] = 0 }
    for (column, color) in [(3, [200, 100, 0, 255]), (4, [100, 0, 50, 1])] as [(Int, [UInt8])] {
      pixels.replaceSubrange(4 * (2 * 7 + column)..<4 * (2 * 7 + column) + 4, with: color)
    }
    return try RGBAImage(width: 7, height: 5, pixels: pixels)
  }

  private func pixel(_ image: RGBAImage, _ x: Int, _ y: Int) -> [UInt8] {
    Array(image.pixels[4 * (y * image.width + x)..<4 * (y * image.width + x) + 4])
  }

  @Test func colorsAreCarriedOutwards() throws {
    let image = try layer().extendingEdges(by: 1)
    #expect(pixel(image, 3, 2) == [200, 100, 0, 255] && pixel(image, 4, 2) == [100, 0, 50, 1])
    // Of one neighbor, and of two.
    #expect(pixel(image, 2, 2) == [200, 100, 0, 0] && pixel(image, 5, 1) == [100, 0, 50, 0])
    #expect(pixel(image, 3, 1) == [150, 50, 25, 0])
    #expect(pixel(image, 1, 2) == [0, 0, 0, 0] && pixel(image, 3, 0) == [0, 0, 0, 0])
    let wide = try layer().extendingEdges(by: 2)
    #expect(pixel(wide, 1, 2) == [200, 100, 0, 0] && pixel(wide, 0, 2) == [0, 0, 0, 0])
    #expect(pixel(wide, 3, 0)[3] == 0 && pixel(wide, 3, 0)[0] > 0)
  }

  @Test func nothingHiddenComesBack() throws {
    #expect(try layer().extendingEdges(by: 0) == layer().clearingHiddenColors())
    let all = try layer().extendingEdges(by: 100)
    for pixel in 0..<35 { #expect(all.pixels[4 * pixel] <= 200 && all.pixels[4 * pixel] >= 100) }
    let nothing = try RGBAImage(width: 2, height: 1, pixels: [9, 9, 9, 0, 8, 8, 8, 0])
    #expect(try nothing.extendingEdges(by: 3).pixels == [0, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test func premultipliedColorsAreTimesAlpha() throws {
    let image = try RGBAImage(width: 3, height: 1, pixels: [200, 100, 50, 255, 200, 100, 50, 51, 200, 100, 50, 0])
    #expect(try image.premultiplied().pixels == [200, 100, 50, 255, 40, 20, 10, 51, 0, 0, 0, 0])
  }
}

import ImageCoding
import MaskMerging
import Testing

@Suite(.timeLimit(.minutes(10))) struct LayerTests {
  private let photo = try? RGBImage(width: 3, height: 1, pixels: [10, 20, 30, 200, 100, 50, 0, 255, 128])

  private func matte(_ values: Float...) throws -> Matte {
    Matte(try Mask(width: values.count, height: 1, probabilities: values))
  }

  @Test func aLayerHasTheMatteAsStraightAlpha() throws {
    let layer = try matte(0, 0.5, 1).layer(of: #require(photo), edgeColors: .photograph)
    #expect(layer.pixels == [10, 20, 30, 0, 200, 100, 50, 128, 0, 255, 128, 255])
  }

  @Test func aLayerLiesOverAPictureOrAColor() throws {
    let layer = try RGBAImage(width: 3, height: 1, pixels: [255, 0, 9, 0, 255, 0, 9, 51, 255, 0, 9, 255])
    let photo = try #require(photo)
    #expect(try layer.composited(over: photo).pixels == [10, 20, 30, 211, 80, 42, 255, 0, 9])
    #expect(try layer.composited(over: photo, using: matte(1, 0, 1)).pixels == [10, 20, 30, 200, 100, 50, 255, 0, 9])
    #expect(
      try layer.composited(over: RGBColor(red: 5, green: 100, blue: 9)).pixels == [5, 100, 9, 55, 80, 9, 255, 0, 9])
  }

  @Test(
    arguments: [
      (try Adjustment.exposure(stops: 0), [10, 20, 30, 200, 100, 50, 0, 255, 128]),
      (try .exposure(stops: 1), [18, 31, 45, 255, 138, 71, 0, 255, 176]),
      (try .exposure(stops: -20), [0, 0, 0, 0, 0, 0, 0, 0, 0]),
      (try .desaturate(), [19, 19, 19, 118, 118, 118, 192, 192, 192]),
      (try .desaturate(0), [10, 20, 30, 200, 100, 50, 0, 255, 128]),
      (try .tint(RGBColor(red: 192, green: 192, blue: 192)), [19, 19, 19, 118, 118, 118, 192, 192, 192]),
      (try .tint(.black), [0, 0, 0, 0, 0, 0, 0, 0, 0]),
      (try .metallic(0), [10, 20, 30, 200, 100, 50, 0, 255, 128]),
      (.pixels { 1 - $0 }, [245, 235, 225, 55, 155, 205, 255, 0, 127]),
      (.pixels { $0 * .nan }, [0, 0, 0, 0, 0, 0, 0, 0, 0]),
      (try .blur(0), [10, 20, 30, 200, 100, 50, 0, 255, 128]),
    ] as [(Adjustment, [UInt8])])
  func adjustmentsChangeAllThatIsCovered(adjustment: Adjustment, pixels: [UInt8]) throws {
    let photo = try #require(photo)
    #expect(try photo.adjusted(with: [adjustment], where: matte(1, 1, 1)).pixels == pixels)
    #expect(try photo.adjusted(with: [adjustment], where: matte(0, 0, 0)) == photo)
  }

  @Test func changesAreBlendedBack() throws {
    let photo = try #require(photo)
    let changes: [Adjustment] = [.pixels { _ in SIMD3(1, 0, 0) }, .pixels { 1 - $0 }]
    #expect(
      try photo.adjusted(with: changes, where: matte(0, 0.5, 1)).pixels == [10, 20, 30, 100, 178, 153, 0, 255, 255])
    #expect(try photo.adjusted(with: [], where: matte(1, 1, 1)) == photo)
  }

  @Test func aBlurKeepsAFlatPicture() throws {
    let flat = try RGBImage(width: 9, height: 5, filledWith: (10, 100, 200))
    let matte = Matte(try Mask(width: 9, height: 5, probabilities: Array(repeating: 1, count: 45)))
    #expect(try flat.adjusted(with: [.blur(2)], where: matte) == flat)
  }

  @Test func aBlurSpreadsNothingFromBesideTheMatte() throws {
    let photo = try RGBImage(
      width: 40, height: 1, pixels: (0..<120).map { $0 < 60 ? UInt8($0 / 3 % 2 * 40) : 255 })
    let left = Matte(try Mask(width: 40, height: 1, probabilities: (0..<40).map { $0 < 20 ? 1 : 0 }))
    let blurred = try photo.adjusted(with: [.blur(3)], where: left).pixels
    // Far from the border, which is repeated, the mean of the stripes.
    #expect(blurred[30..<60].allSatisfy { (15...25).contains($0) }, "\(blurred)")
    #expect(blurred[60...].allSatisfy { $0 == 255 })
  }

  /// Gray, amount, and the curve's values at it: steep from black to a bright white, with two bands in between.
  @Test(
    arguments: [
      (0, 1, [0, 0, 0]), (32, 1, [26, 27, 28]), (64, 1, [38, 39, 40]), (96, 1, [43, 44, 45]),
      (128, 1, [123, 127, 129]), (160, 1, [200, 207, 211]), (192, 1, [204, 211, 215]), (224, 1, [217, 224, 228]),
      (255, 1, [242, 250, 255]), (64, 0.5, [51, 51, 52]), (160, 0.5, [180, 183, 185]),
    ] as [(UInt8, Float, [UInt8])])
  func metalIsSteepWithBands(gray: UInt8, amount: Float, pixel: [UInt8]) throws {
    let flat = try RGBImage(width: 1, height: 1, pixels: [gray, gray, gray])
    #expect(try flat.adjusted(with: [.metallic(amount)], where: matte(1)).pixels == pixel)
  }

  @Test func whatDoesNotGoTogetherIsRefused() throws {
    let photo = try #require(photo)
    let layer = try RGBAImage(width: 1, height: 1, pixels: [0, 0, 0, 0])
    expectError(.sizeMismatch) { _ = try matte(1).layer(of: photo) }
    expectError(.sizeMismatch, saying: "1 × 1", "3 × 1") { _ = try layer.composited(over: photo) }
    expectError(.sizeMismatch) { _ = try layer.composited(over: .black, using: matte(1, 1)) }
    expectError(.sizeMismatch) { _ = try photo.adjusted(with: [], where: matte(1)) }
    expectError(.invalidOption) { _ = try Adjustment.exposure(stops: .nan) }
    expectError(.invalidOption) { _ = try Adjustment.tint(.black, strength: 2) }
    expectError(.invalidOption) { _ = try Adjustment.desaturate(-1) }
    expectError(.invalidOption) { _ = try Adjustment.metallic(.infinity) }
    expectError(.invalidOption) { _ = try Adjustment.blur(300) }
  }
}

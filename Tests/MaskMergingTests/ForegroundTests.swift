import ImageCoding
import MaskMerging
import TestSupport
import Testing

/// Colours of semi-transparent pixels.
@Suite(.timeLimit(.minutes(10))) struct ForegroundTests {
  private func matte(_ values: [Float], _ width: Int) throws -> Matte {
    Matte(try Mask(width: width, height: values.count / width, probabilities: values))
  }

  /// Noise that is soft in places: a third of the values is 0, a third 1.
  private func alphas(_ width: Int, _ height: Int) -> [Float] {
    randomProbabilities(width, height, seed: width).map { min(max($0 * 3 - 1, 0), 1) }
  }

  private func noise(_ width: Int, _ height: Int) throws -> RGBImage {
    var generator = SeededGenerator(height)
    return try RGBImage(
      width: width, height: height,
      pixels: (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }

  static let sizes = [(1, 1), (1, 70), (70, 1), (7, 5), (64, 64), (65, 67), (131, 80)]

  @Test(arguments: sizes)
  func colorsAreForegroundEstimation(width: Int, height: Int) throws {
    let (photo, alpha) = (try noise(width, height), alphas(width, height))
    let layer = try matte(alpha, width).layer(of: photo)
    let expected = Scalar.foreground(
      photo.pixels.map { Float($0) / 255 }, alpha: alpha, height: height, width: width)
    for pixel in alpha.indices where layer.pixels[4 * pixel + 3] % 255 != 0 {
      for channel in 0..<3 {
        let error = Float(layer.pixels[4 * pixel + channel]) - expected[3 * pixel + channel] * 255
        #expect(abs(error) < 0.6, "pixel \(pixel), channel \(channel)")
      }
    }
  }

  /// Also where a picture is so large that the first pass works on cells of several pixels.
  @Test(arguments: sizes + [(300, 280)])
  func allButSemiTransparentPixelsKeepTheirBytes(width: Int, height: Int) throws {
    let (photo, matte) = (try noise(width, height), try matte(alphas(width, height), width))
    let estimated = try matte.layer(of: photo).pixels
    let original = try matte.layer(of: photo, edgeColors: .photograph).pixels
    for pixel in 0..<width * height {
      let alpha = original[4 * pixel + 3]
      #expect(Array(original[4 * pixel..<4 * pixel + 3]) == Array(photo.pixels[3 * pixel..<3 * pixel + 3]))
      #expect(estimated[4 * pixel + 3] == alpha)
      if alpha == 0 || alpha == 255 {
        #expect(estimated[4 * pixel..<4 * pixel + 4] == original[4 * pixel..<4 * pixel + 4])
      }
    }
  }

  /// A disc with a soft edge of 12 pixels over a background, both of colours that change slowly: the colours come back,
  /// and over the old background so does the photograph.
  @Test func theRimOfTheBackgroundGoes() throws {
    let (width, height) = (320, 240)
    var (foreground, background, alpha): ([UInt8], [UInt8], [Float]) = ([], [], [])
    for y in 0..<height {
      for x in 0..<width {
        foreground += [UInt8(180 + x / 8), 60, UInt8(40 + y / 8)]
        background += [30, UInt8(150 + y / 4), UInt8(100 + x / 4)]
        let distance = (Float((x - 160) * (x - 160) + (y - 120) * (y - 120))).squareRoot()
        alpha.append(min(max((86 - distance) / 12, 0), 1))
      }
    }
    let opaque = try RGBImage(width: width, height: height, pixels: foreground)
    let behind = try RGBImage(width: width, height: height, pixels: background)
    let matte = try matte(alpha, width)
    let photo = try matte.layer(of: opaque, edgeColors: .photograph).composited(over: behind)
    let black = RGBColor(red: 0, green: 0, blue: 0)
    let truth = try matte.layer(of: opaque, edgeColors: .photograph).composited(over: black)
    func error(_ first: RGBImage, _ second: RGBImage) -> (mean: Double, worst: Int) {
      let errors = zip(first.pixels, second.pixels).map { abs(Int($0) - Int($1)) }
      let soft = alpha.count { $0 > 0 && $0 < 1 } * 3
      return (Double(errors.reduce(0, +)) / Double(soft), errors.max() ?? 0)
    }
    let layer = try matte.layer(of: photo)
    let estimated = error(try layer.composited(over: black), truth)
    let original = error(
      try matte.layer(of: photo, edgeColors: .photograph).composited(over: black), truth)
    #expect(estimated.mean < original.mean / 4 && estimated.worst < original.worst / 3, "\(estimated), \(original)")
    let again = error(try layer.composited(over: behind), photo)
    #expect(again.worst <= 14 && again.mean < 5, "\(again)")
  }

  /// Where foreground and background have one colour, there is nothing to estimate.
  @Test(arguments: [(9, 5), (300, 280)])
  func aFlatPictureStaysAsItIs(width: Int, height: Int) throws {
    let flat = try RGBImage(width: width, height: height, filledWith: (10, 100, 200))
    let layer = try matte(alphas(width, height), width).layer(of: flat)
    for pixel in 0..<width * height {
      #expect(Array(layer.pixels[4 * pixel..<4 * pixel + 3]) == [10, 100, 200])
    }
  }
}

extension RGBAImage {
  /// The colors alone, as they are.
  func opaque() throws -> RGBImage {
    try RGBImage(width: width, height: height) { colors in
      for pixel in 0..<width * height {
        for channel in 0..<3 { colors[3 * pixel + channel] = pixels[4 * pixel + channel] }
      }
    }
  }

  /// The alpha alone; `nil` where all of it is opaque.
  func alpha() throws -> GrayImage? {
    let alpha = try GrayImage(width: width, height: height) { alpha in
      for pixel in 0..<width * height { alpha[pixel] = pixels[4 * pixel + 3] }
    }
    return alpha.pixels.allSatisfy { $0 == 255 } ? nil : alpha
  }

  /// The image with its alpha multiplied by another one; as it is where their sizes differ.
  package func multipliedAlpha(by other: GrayImage) throws -> RGBAImage {
    guard other.width == width, other.height == height else { return self }
    var pixels = pixels
    for (index, factor) in other.pixels.enumerated() where factor < 255 {
      pixels[4 * index + 3] = UInt8((Int(pixels[4 * index + 3]) * Int(factor) + 127) / 255)
    }
    return try RGBAImage(width: width, height: height, pixels: pixels)
  }
}

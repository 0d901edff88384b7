package import ImageCoding

/// Finds cuts between frames: the colors change, and the picture does not lie where it lay. A flash changes only the
/// former, a pan only the latter.
package struct CutDetector: Sendable, Codable {
  /// A frame in brief.
  struct Impression: Sendable, Hashable, Codable {
    /// Shares of 4 × 4 × 4 ranges of red, green and blue; they add up to 1.
    var histogram: [Float]
    /// Mean luma of 16 × 16 areas, 0 to 1.
    var areas: [Float]
  }

  /// Share of pixels whose colors are others, and correlation of the areas' luma, that make a cut together.
  private static let leastDifference: Float = 0.12
  private static let mostCorrelation: Float = 0.5

  private var last: Impression?

  package init() {}

  /// Whether a frame begins a shot; the first one does not.
  package mutating func isCut(_ image: RGBImage) -> Bool { isCut(Impression(of: image)) }

  mutating func isCut(_ impression: Impression) -> Bool {
    defer { last = impression }
    guard let last else { return false }
    return impression.difference(to: last) > Self.leastDifference
      && impression.correlation(with: last) < Self.mostCorrelation
  }

  /// Forgets the last frame, so that the next one is not compared with it.
  mutating func reset() { last = nil }
}

extension CutDetector.Impression {
  private static let edge = 16
  /// Places that are looked at along each axis of an area.
  private static let places = 4

  /// Summary of 64 × 64 places of a picture of any size.
  init(of image: RGBImage) {
    let count = Self.edge * Self.places
    var histogram = [Float](repeating: 0, count: 64)
    var areas = [Float](repeating: 0, count: Self.edge * Self.edge)
    image.pixels.withUnsafeBufferPointer { pixels in
      for row in 0..<count {
        let y = (2 * row + 1) * image.height / (2 * count)
        for column in 0..<count {
          let place = 3 * (y * image.width + (2 * column + 1) * image.width / (2 * count))
          let (red, green, blue) = (pixels[place], pixels[place + 1], pixels[place + 2])
          histogram[Int(red >> 6) << 4 | Int(green >> 6) << 2 | Int(blue >> 6)] += 1
          let luma = 0.2126 * Float(red) + 0.7152 * Float(green) + 0.0722 * Float(blue)
          areas[row / Self.places * Self.edge + column / Self.places] += luma
        }
      }
    }
    self.histogram = histogram.map { $0 / Float(count * count) }
    self.areas = areas.map { $0 / Float(255 * Self.places * Self.places) }
  }

  /// Share of the pixels that would have to change their color range, 0 to 1.
  func difference(to other: CutDetector.Impression) -> Float {
    zip(histogram, other.histogram).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
  }

  /// Pearson's correlation of the areas' luma, −1 to 1; 1 between two pictures of one color.
  func correlation(with other: CutDetector.Impression) -> Float {
    let count = Float(areas.count)
    let (mean, otherMean) = (areas.reduce(0, +) / count, other.areas.reduce(0, +) / count)
    var (product, square, otherSquare): (Float, Float, Float) = (0, 0, 0)
    for (value, otherValue) in zip(areas, other.areas) {
      product += (value - mean) * (otherValue - otherMean)
      square += (value - mean) * (value - mean)
      otherSquare += (otherValue - otherMean) * (otherValue - otherMean)
    }
    // Differences of a quarter of a byte's step are none.
    let nothing = count * 1e-6
    if square < nothing || otherSquare < nothing { return square < nothing && otherSquare < nothing ? 1 : 0 }
    return product / (square * otherSquare).squareRoot()
  }
}

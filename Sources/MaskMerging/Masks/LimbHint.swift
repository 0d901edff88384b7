import Foundation

/// Where a limb lies in the picture, for a program that fits a skeleton to it. Places are in pixels of the picture from
/// its top left corner, a pixel's middle at its index plus a half.
public struct LimbHint: Sendable, Hashable, Codable {
  /// A place or a direction in the picture.
  public struct Point: Sendable, Hashable, Codable {
    /// Distance from the left edge, in pixels.
    public var x: Double
    /// Distance from the top edge, in pixels.
    public var y: Double

    /// A point of two coordinates.
    public init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// Mean of the pixels' middles.
  public let centroid: Point
  /// The direction in which the pixels spread most, of length 1; downwards, or to the right where it is level.
  public let axis: Point
  /// From the first to the last pixel's middle along the axis.
  public let length: Double
  /// From the first to the last pixel's middle across the axis.
  public let breadth: Double
  /// How much longer than broad the spread is: 1 for a line, 0 for a disc, whose axis says nothing.
  public let elongation: Double
  /// Where the line through the centroid along the axis reaches the first pixel.
  public let start: Point
  /// Where the line through the centroid along the axis reaches the last pixel.
  public let end: Point
  /// Pixels inside.
  public let area: Int

  /// The limb of a mask, from its moments of first and second order; nil where the mask is empty.
  public init?(_ mask: BinaryMask) {
    guard mask.area > 0 else { return nil }
    area = mask.area
    let count = Double(area)
    var (sumX, sumY) = (0.0, 0.0)
    mask.forEachPixel { (sumX, sumY) = (sumX + Double($0), sumY + Double($1)) }
    let (meanX, meanY) = (sumX / count, sumY / count)
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    mask.forEachPixel { x, y in
      let (dx, dy) = (Double(x) - meanX, Double(y) - meanY)
      (xx, xy, yy) = (xx + dx * dx, xy + dx * dy, yy + dy * dy)
    }
    let difference = ((xx - yy) * (xx - yy) + 4 * xy * xy).squareRoot()
    elongation = xx + yy > 0 ? difference / (xx + yy) : 0
    let angle = difference > 0 ? 0.5 * atan2(2 * xy, xx - yy) : .pi / 2
    var direction = Point(x: cos(angle), y: sin(angle))
    if direction.y < -1e-12 || (abs(direction.y) <= 1e-12 && direction.x < 0) {
      direction = Point(x: -direction.x, y: -direction.y)
    }
    axis = direction
    var (along, across) = ((least: 0.0, most: 0.0), (least: 0.0, most: 0.0))
    mask.forEachPixel { x, y in
      let (dx, dy) = (Double(x) - meanX, Double(y) - meanY)
      let (u, v) = (dx * direction.x + dy * direction.y, dy * direction.x - dx * direction.y)
      along = (min(along.least, u), max(along.most, u))
      across = (min(across.least, v), max(across.most, v))
    }
    let middle = Point(x: meanX + 0.5, y: meanY + 0.5)
    centroid = middle
    length = along.most - along.least
    breadth = across.most - across.least
    start = Point(x: middle.x + direction.x * along.least, y: middle.y + direction.y * along.least)
    end = Point(x: middle.x + direction.x * along.most, y: middle.y + direction.y * along.most)
  }
}

extension BinaryMask {
  /// Calls `body` with every pixel inside, row by row.
  func forEachPixel(_ body: (_ x: Int, _ y: Int) -> Void) {
    for y in 0..<height {
      for word in 0..<wordsPerRow {
        var rest = words[y * wordsPerRow + word]
        while rest != 0 {
          body(word * 64 + rest.trailingZeroBitCount, y)
          rest &= rest &- 1
        }
      }
    }
  }
}

/// A closed line around pixels of a mask, or around a hole in them.
public struct Polygon: Sendable, Hashable {
  /// A corner between pixels: (0, 0) is the picture's top left corner, (width, height) its bottom right one.
  public struct Corner: Sendable, Hashable {
    /// Columns left of the corner.
    public let x: Int
    /// Rows above the corner.
    public let y: Int

    /// A corner of two coordinates.
    public init(x: Int, y: Int) {
      self.x = x
      self.y = y
    }
  }

  /// In turn, the pixels inside of the mask on the right hand; the last is joined to the first.
  public let corners: [Corner]
  /// Whether it goes around a hole.
  public let isHole: Bool

  /// x and y in turn, as COCO writes a polygon.
  public var coordinates: [Int] { corners.flatMap { [$0.x, $0.y] } }
}

extension BinaryMask {
  /// The outlines of the mask along the edges of its pixels; filled by the even-odd rule they give the mask again.
  ///
  /// Pixels that touch at a corner alone have outlines of their own, as 4-connected areas have.
  /// - Returns: In the order of each one's first pixel, row by row.
  public func polygons() -> [Polygon] {
    var starts: [(x: Int, y: Int)] = []
    // Upper edges of pixels: every outline has one, and each is passed once, from left to right.
    var unused = BinaryMask(width: width, height: height) { _ in }
    for y in 0..<height {
      for x in 0..<width where self[x: x, y: y] && !self[x: x, y: y - 1] {
        unused.insert(x, y)
        starts.append((x, y))
      }
    }
    var polygons: [Polygon] = []
    for start in starts where unused[x: start.x, y: start.y] {
      polygons.append(outline(from: start, using: &unused))
    }
    return polygons
  }

  /// Walks along the edges, the mask on the right hand, from the upper left corner of a pixel.
  private func outline(from start: (x: Int, y: Int), using unused: inout BinaryMask) -> Polygon {
    var corners: [Polygon.Corner] = []
    var (x, y, direction) = (start.x, start.y, Direction.right)
    var doubledArea = 0
    repeat {
      if direction == .right { unused.remove(x, y) }
      let step = direction.step
      (x, y) = (x + step.x, y + step.y)
      let next = turn(x, y, direction)
      if next != direction {
        if let last = corners.last { doubledArea += last.x * y - x * last.y }
        corners.append(Polygon.Corner(x: x, y: y))
      }
      direction = next
    } while (x, y) != start || direction != .right
    if let first = corners.first, let last = corners.last { doubledArea += last.x * first.y - first.x * last.y }
    return Polygon(corners: corners, isHole: doubledArea < 0)
  }

  /// The direction in which the outline leaves a corner that it reaches in another: to the right where that keeps the
  /// mask on the right hand and the outside on the left.
  private func turn(_ x: Int, _ y: Int, _ direction: Direction) -> Direction {
    let (aheadLeft, aheadRight) = direction.ahead
    guard self[x: x + aheadRight.x, y: y + aheadRight.y] else { return direction.turned(1) }
    return self[x: x + aheadLeft.x, y: y + aheadLeft.y] ? direction.turned(3) : direction
  }
}

/// The four directions, clockwise with y downwards.
private enum Direction: Int {
  case right, down, left, up

  var step: (x: Int, y: Int) {
    switch self {
    case .right: (1, 0)
    case .down: (0, 1)
    case .left: (-1, 0)
    case .up: (0, -1)
    }
  }

  /// The pixels to the left and the right of the way ahead, seen from a corner.
  var ahead: (left: (x: Int, y: Int), right: (x: Int, y: Int)) {
    switch self {
    case .right: ((0, -1), (0, 0))
    case .down: ((0, 0), (-1, 0))
    case .left: ((-1, 0), (-1, -1))
    case .up: ((-1, -1), (0, -1))
    }
  }

  func turned(_ quarters: Int) -> Direction { Direction(rawValue: (rawValue + quarters) % 4) ?? self }
}

extension BinaryMask {
  mutating func insert(_ x: Int, _ y: Int) { words[y * wordsPerRow + x / 64] |= 1 << UInt64(x % 64) }
  mutating func remove(_ x: Int, _ y: Int) { words[y * wordsPerRow + x / 64] &= ~(1 << UInt64(x % 64)) }
}

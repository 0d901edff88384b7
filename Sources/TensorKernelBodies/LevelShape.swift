/// The size of one level of a feature pyramid, in pixels.
public struct LevelShape: Sendable, Equatable {
  public let height: Int
  public let width: Int

  @inlinable
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  @inlinable
  public var count: Int { height * width }
}

/// A pixel of a pyramid, found by its place in the row of all levels' pixels.
@usableFromInline
struct PyramidPixel {
  @usableFromInline var level = 0
  @usableFromInline var y = 0
  @usableFromInline var x = 0

  @inlinable @inline(__always)
  init(_ index: Int, _ levels: UnsafeBufferPointer<LevelShape>) {
    var rest = index
    while level < levels.count, rest >= levels[level].count {
      rest -= levels[level].count
      level += 1
    }
    guard level < levels.count else { return }
    (y, x) = (rest / levels[level].width, rest % levels[level].width)
  }

  /// The pixel's centre, both axes in 0...1 of the level.
  @inlinable @inline(__always)
  func center(_ levels: UnsafeBufferPointer<LevelShape>) -> (x: Float, y: Float) {
    let shape = levels[level]
    return ((Float(x) + 0.5) / Float(shape.width), (Float(y) + 0.5) / Float(shape.height))
  }

  @inlinable @inline(__always)
  mutating func advance(_ levels: UnsafeBufferPointer<LevelShape>) {
    x += 1
    guard x == levels[level].width else { return }
    (x, y) = (0, y + 1)
    guard y == levels[level].height else { return }
    y = 0
    repeat { level += 1 } while level < levels.count && levels[level].count == 0
  }
}

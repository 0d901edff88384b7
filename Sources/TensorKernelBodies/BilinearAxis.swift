/// A pyramid level's numbers as the vector code wants them, for one query.
public struct LevelVectors {
  public let width: Float
  public let height: Float
  /// The first pixel's number among those of all levels; some pixel's, if the level has none.
  public let start: Float
  /// The query's reference point in the level's pixels, whose centres are whole numbers.
  public let centerX: Float
  public let centerY: Float

  @inlinable @inline(__always)
  public init(_ shape: LevelShape, start: Int, center: (x: Float, y: Float)) {
    width = Float(shape.width)
    height = Float(shape.height)
    self.start = shape.count > 0 ? Float(start) : 0
    centerX = center.x * width - 0.5
    centerY = center.y * height - 0.5
  }
}

/// The two pixels to each side of four places along an axis of `length` pixels, and their weights.
///
/// A pixel outside has no weight, and its number is that of the nearest one inside. A place that is not a number is far
/// outside.
public struct BilinearAxis<Instructions: VectorInstructions> {
  public let first: SIMD4<Float>
  public let second: SIMD4<Float>
  public let firstWeight: SIMD4<Float>
  public let secondWeight: SIMD4<Float>

  @inlinable @inline(__always)
  public init(_ place: SIMD4<Float>, length: Float) {
    let zero = SIMD4<Float>(repeating: 0)
    let last = SIMD4<Float>(repeating: length - 1)
    let before = SIMD4<Float>(repeating: -2)
    let beyond = SIMD4<Float>(repeating: length + 1)
    var place = place.replacing(with: before, where: .!(place .> before))
    place.replace(with: beyond, where: place .> beyond)
    // Adding 1.5 · 2^23 rounds to the nearest integer; one less where that went up.
    let rounder: Float = 12_582_912
    let nearest = (place + rounder) - rounder
    let left = nearest.replacing(with: nearest - 1, where: nearest .> place)
    let right = left + 1
    let fraction = place - left
    firstWeight = (1 - fraction).replacing(with: zero, where: (left .< zero) .| (left .> last))
    secondWeight = fraction.replacing(with: zero, where: (right .< zero) .| (right .> last))
    first = Self.clamp(left, last)
    second = Self.clamp(right, last)
  }

  @inlinable @inline(__always)
  static func clamp(_ x: SIMD4<Float>, _ last: SIMD4<Float>) -> SIMD4<Float> {
    let x = x.replacing(with: last, where: x .> last)
    return x.replacing(with: SIMD4(repeating: 0), where: x .< 0)
  }
}

/// Floats that are whole numbers in 0..<2^23 as integers.
@inlinable @inline(__always)
public func wholeNumbers(_ x: SIMD4<Float>) -> SIMD4<Int32> {
  let bits = unsafeBitCast(x + 8_388_608, to: SIMD4<Int32>.self)
  return bits & SIMD4(repeating: 0x7f_ffff)
}

// Loads and stores that need no alignment, and what the vector bodies share. Everything here is inlined, so that a body
// takes the instruction set of the module that instantiates it.

extension UnsafePointer<Float> {
  @inlinable @inline(__always)
  public func load4(_ index: Int = 0) -> SIMD4<Float> {
    UnsafeRawPointer(self + index).loadUnaligned(as: SIMD4<Float>.self)
  }

  @inlinable @inline(__always)
  public func load8(_ index: Int = 0) -> SIMD8<Float> {
    UnsafeRawPointer(self + index).loadUnaligned(as: SIMD8<Float>.self)
  }

  /// The first `count` < 8 floats at `index`; the other lanes are `filler`.
  @inlinable @inline(__always)
  public func loadPartial8(_ index: Int, count: Int, filler: Float = 0) -> SIMD8<Float> {
    var vector = SIMD8<Float>(repeating: filler)
    for lane in 0..<count { vector[lane] = self[index + lane] }
    return vector
  }
}

extension UnsafeMutablePointer<Float> {
  @inlinable @inline(__always)
  public func load4(_ index: Int = 0) -> SIMD4<Float> { UnsafePointer(self).load4(index) }

  @inlinable @inline(__always)
  public func load8(_ index: Int = 0) -> SIMD8<Float> { UnsafePointer(self).load8(index) }

  @inlinable @inline(__always)
  public func loadPartial8(_ index: Int, count: Int, filler: Float = 0) -> SIMD8<Float> {
    UnsafePointer(self).loadPartial8(index, count: count, filler: filler)
  }

  @inlinable @inline(__always)
  public func store(_ vector: SIMD4<Float>, _ index: Int = 0) {
    UnsafeMutableRawPointer(self + index).storeBytes(of: vector, as: SIMD4<Float>.self)
  }

  @inlinable @inline(__always)
  public func store(_ vector: SIMD8<Float>, _ index: Int = 0) {
    UnsafeMutableRawPointer(self + index).storeBytes(of: vector, as: SIMD8<Float>.self)
  }

  /// Writes the first `count` < 8 lanes.
  @inlinable @inline(__always)
  public func storePartial(_ vector: SIMD8<Float>, _ index: Int, count: Int) {
    for lane in 0..<count { self[index + lane] = vector[lane] }
  }
}

/// The larger lane of the two; the first operand's where one is NaN.
@inlinable @inline(__always)
public func maximum(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> { a.replacing(with: b, where: a .< b) }

/// max(x, 0), which keeps NaN.
@inlinable @inline(__always)
public func relu(_ x: SIMD8<Float>) -> SIMD8<Float> { x.replacing(with: SIMD8(repeating: 0), where: x .< 0) }

extension SIMD16<Float> {
  /// The sum of the lanes, halves first.
  @inlinable @inline(__always)
  public var laneSum: Float { (lowHalf + highHalf).laneSum }

  @inlinable @inline(__always)
  public var laneMaximum: Float { lowHalf.pointwiseMax(highHalf).laneMaximum }
}

extension SIMD8<Float> {
  /// The sum of the lanes, halves first.
  @inlinable @inline(__always)
  public var laneSum: Float {
    let four = lowHalf + highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }

  @inlinable @inline(__always)
  public var laneMaximum: Float {
    let four = lowHalf.replacing(with: highHalf, where: lowHalf .< highHalf)
    let two = four.lowHalf.replacing(with: four.highHalf, where: four.lowHalf .< four.highHalf)
    return two.x < two.y ? two.y : two.x
  }
}

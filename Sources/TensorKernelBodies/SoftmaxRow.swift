/// The largest of `count` floats, −∞ for none.
@inlinable @inline(__always)
public func maximum(_ x: UnsafePointer<Float>, count: Int) -> Float {
  var largest = SIMD16<Float>(repeating: -.infinity)
  var index = 0
  while index &+ 16 <= count {
    largest = SIMD16(at: x + index).pointwiseMax(largest)
    index &+= 16
  }
  if index < count {
    largest = SIMD16(at: x + index, count: count &- index, filler: -.infinity).pointwiseMax(largest)
  }
  return largest.laneMaximum
}

/// x = e^(x − offset) over `count` floats; returns their sum. Every instruction set sums in sixteen lanes.
@inlinable @inline(__always)
public func exponentiate<Instructions: VectorInstructions>(
  _ x: UnsafeMutablePointer<Float>, count: Int, subtracting offset: Float, _: Instructions.Type
) -> Float {
  var sum = SIMD16<Float>(repeating: 0)
  var index = 0
  while index &+ 16 <= count {
    let value = exponential(SIMD16(at: x + index) - offset, Instructions.self)
    value.store(to: x + index)
    sum += value
    index &+= 16
  }
  if index < count {
    let rest = SIMD16(at: x + index, count: count &- index, filler: -.infinity)
    let value = exponential(rest - offset, Instructions.self)
    value.store(to: x + index, count: count &- index)
    sum += value
  }
  return sum.laneSum
}

/// x = x · factor over `count` floats.
@inlinable @inline(__always)
public func scale<Instructions: VectorInstructions>(
  _ x: UnsafeMutablePointer<Float>, count: Int, by factor: Float, _: Instructions.Type
) {
  let width = Instructions.Vector.scalarCount
  var index = 0
  while index &+ width <= count {
    (Instructions.Vector(at: x + index) * factor).store(to: x + index)
    index &+= width
  }
  while index < count {
    x[index] *= factor
    index &+= 1
  }
}

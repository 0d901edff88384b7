/// The largest of `count` floats, −∞ for none.
@inlinable @inline(__always)
public func maximum(_ x: UnsafePointer<Float>, count: Int) -> Float {
  var largest = SIMD8<Float>(repeating: -.infinity)
  var index = 0
  while index &+ 8 <= count {
    largest = maximum(x.load8(index), largest)
    index &+= 8
  }
  if index < count {
    largest = maximum(x.loadPartial8(index, count: count &- index, filler: -.infinity), largest)
  }
  return largest.laneMaximum
}

/// x = e^(x − offset) over `count` floats; returns their sum.
@inlinable @inline(__always)
public func exponentiate<Instructions: VectorInstructions>(
  _ x: UnsafeMutablePointer<Float>, count: Int, subtracting offset: Float, _: Instructions.Type
) -> Float {
  var sum = SIMD8<Float>(repeating: 0)
  var index = 0
  while index &+ 8 <= count {
    let value = exponential(x.load8(index) - offset, Instructions.self)
    x.store(value, index)
    sum += value
    index &+= 8
  }
  if index < count {
    let rest = x.loadPartial8(index, count: count &- index, filler: -.infinity)
    let value = exponential(rest - offset, Instructions.self)
    x.storePartial(value, index, count: count &- index)
    sum += value
  }
  return sum.laneSum
}

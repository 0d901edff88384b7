/// Quantizes fp32 values to uint8: value · inverse + zeroPoint, rounded to the nearest integer and clamped to 0 … 255.
/// NaN becomes 0.
@inlinable @inline(__always)
public func quantize<Instructions: IntegerInstructions>(
  _ values: UnsafePointer<Float>, count: Int, inverse: Float, zeroPoint: Float,
  into bytes: UnsafeMutablePointer<UInt8>, _: Instructions.Type
) {
  let lanes = Instructions.Vector.scalarCount
  let (factor, offset) = (Instructions.Vector(repeating: inverse), Instructions.Vector(repeating: zeroPoint))
  var index = 0
  while index &+ 2 &* lanes <= count {
    let (left, right) = (Instructions.Vector(at: values + index), Instructions.Vector(at: values + (index &+ lanes)))
    Instructions.store(left * factor + offset, right * factor + offset, lowest: 0, to: bytes + index)
    index &+= 2 &* lanes
  }
  while index < count {
    let value = values[index] * inverse + zeroPoint
    let clamped: Float = value > 0 ? (value > 255 ? 255 : value) : 0
    bytes[index] = UInt8(truncatingIfNeeded: (clamped + 12_582_912).bitPattern)
    index &+= 1
  }
}

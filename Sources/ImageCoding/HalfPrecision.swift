/// The value of a half-precision number (IEEE 754 binary16).
package func halfValue(_ bits: UInt16) -> Float {
  let (exponent, fraction) = (UInt32(bits) >> 10 & 0x1F, UInt32(bits) & 0x3FF)
  let magnitude: Float =
    switch exponent {
    case 0: Float(fraction) * 0x1p-24
    case 31: fraction == 0 ? .infinity : .nan
    default: Float(bitPattern: (exponent + 112) << 23 | fraction << 13)
    }
  return bits & 0x8000 == 0 ? magnitude : -magnitude
}

/// The half-precision number (IEEE 754 binary16) next to a value; the largest one for what is larger.
package func halfBits(_ value: Float) -> UInt16 {
  let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16 & 0x8000)
  let magnitude = value.magnitude
  guard magnitude < 65_520 else { return value.isNaN ? 0x7E00 : sign | 0x7BFF }
  // Below the smallest normal number steps are of 2^-24.
  if magnitude < 0x1p-14 { return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven)) }
  let bits = magnitude.bitPattern - (112 << 23)
  let rounded = bits + 0xFFF + (bits >> 13 & 1)
  return sign | UInt16(truncatingIfNeeded: rounded >> 13)
}

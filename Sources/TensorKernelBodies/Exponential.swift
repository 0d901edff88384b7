/// e^x lane by lane, within 2 ulp for x in [-87, 88].
///
/// Range reduction to x = n · ln 2 + r with |r| ≤ ln 2 / 2 in two pieces (Cody and Waite), a polynomial of degree 7 in r
/// (the coefficients of the Cephes library's `expf`), then a scaling by 2^n through the exponent bits. Below -87 it is
/// exactly 0, so that -∞ weighs nothing; above 88 it stays at e^88; NaN stays NaN. Every instruction set computes the
/// same bits.
@inlinable @inline(__always)
public func exponential<Instructions: VectorInstructions, Vector: FloatVector>(
  _ x: Vector, _: Instructions.Type
) -> Vector {
  let clamped = x.pointwiseMax(-87).pointwiseMin(88)
  // Adding 1.5 · 2^23 rounds to the nearest integer, which then stands in the low bits of the sum.
  let rounder: Float = 12_582_912
  let shifted = clamped * 1.442_695_04 + rounder
  let n = shifted - rounder
  let r = clamped - n * 0.693_359_375 - n * -2.121_944_4e-4
  var p = r * 1.987_569_15e-4 + 1.398_199_950_7e-3
  p = p * r + 8.333_451_907_3e-3
  p = p * r + 4.166_579_589_4e-2
  p = p * r + 1.666_666_545_9e-1
  p = p * r + 5.000_000_120_1e-1
  let mantissa = p * (r * r) + r + 1
  return (mantissa * shifted.powerOfTwo).zeroed(where: x, isBelow: -87)
}

/// 1 / (1 + e^-x) lane by lane, within 4 ulp or 1e-38.
@inlinable @inline(__always)
public func logistic<Instructions: VectorInstructions>(_ x: SIMD8<Float>, _: Instructions.Type) -> SIMD8<Float> {
  1 / (1 + exponential(-x, Instructions.self))
}

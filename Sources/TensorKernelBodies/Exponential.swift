/// e^x lane by lane, within 2 ulp for x in [-87, 88].
///
/// Range reduction to x = n · ln 2 + r with |r| ≤ ln 2 / 2 in two pieces (Cody and Waite), a polynomial of degree 7 in r
/// (the coefficients of the Cephes library's `expf`), then a scaling by 2^n through the exponent bits. Below -87 it is
/// exactly 0, so that -∞ weighs nothing; above 88 it stays at e^88; NaN stays NaN. Every instruction set computes the
/// same bits.
@inlinable @inline(__always)
public func exponential<Instructions: VectorInstructions>(
  _ x: SIMD8<Float>, _: Instructions.Type
) -> SIMD8<Float> {
  let lowest = SIMD8<Float>(repeating: -87)
  let highest = SIMD8<Float>(repeating: 88)
  let isTiny = x .< lowest
  var clamped = x.replacing(with: lowest, where: isTiny)
  clamped.replace(with: highest, where: clamped .> highest)
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
  let bits = SIMD8<UInt32>(bitPattern: shifted) &<< 23 &+ SIMD8<UInt32>(repeating: 127 << 23)
  return (mantissa * SIMD8<Float>(bits: bits)).replacing(with: SIMD8(repeating: 0), where: isTiny)
}

/// 1 / (1 + e^-x) lane by lane, within 4 ulp or 1e-38.
@inlinable @inline(__always)
public func logistic<Instructions: VectorInstructions>(_ x: SIMD8<Float>, _: Instructions.Type) -> SIMD8<Float> {
  1 / (1 + exponential(-x, Instructions.self))
}

extension SIMD8<UInt32> {
  /// The bits of eight floats.
  @inlinable @inline(__always)
  init(bitPattern floats: SIMD8<Float>) { self = unsafeBitCast(floats, to: Self.self) }
}

extension SIMD8<Float> {
  @inlinable @inline(__always)
  init(bits: SIMD8<UInt32>) { self = unsafeBitCast(bits, to: Self.self) }
}

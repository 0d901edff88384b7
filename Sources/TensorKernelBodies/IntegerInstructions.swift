/// Integer operations of an instruction set.
///
/// All of it is exact or rounded as IEEE 754 says, so that every instruction set computes the same bits.
public protocol IntegerInstructions: VectorInstructions {
  /// The sums of as many columns as `Vector` has lanes.
  associatedtype Sums: SIMD, BitwiseCopyable where Sums.Scalar == Int32

  /// sums + a₀ · w₀ + a₁ · w₁ + a₂ · w₂ + a₃ · w₃ lane by lane, a₀ … a₃ the unsigned bytes of `activations`, the same
  /// for all lanes, and w₀ … w₃ the signed bytes of a lane of `weights`, lowest first.
  static func adding(_ sums: Sums, _ activations: Int32, times weights: Sums) -> Sums

  /// The sums as fp32, rounded to nearest.
  static func floats(_ sums: Sums) -> Vector

  /// As many uint8 values as there are lanes, as fp32.
  static func floats(at bytes: UnsafePointer<UInt8>) -> Vector

  /// Writes the lanes of two vectors as bytes that follow each other: what is below `lowest` and NaN become `lowest`,
  /// what is above 255 becomes 255, and the rest the nearest integer, the even one of two.
  static func store(_ left: Vector, _ right: Vector, lowest: Float, to bytes: UnsafeMutablePointer<UInt8>)
}

/// Instruction sets that multiply pairs of 16-bit words, since their products of bytes are not exact.
public protocol WordProductInstructions: IntegerInstructions {
  /// The signed bytes 0 and 2 of each lane as its two 16-bit words, and bytes 1 and 3.
  static func words(ofSignedBytes lanes: Sums) -> (even: Sums, odd: Sums)

  /// sums + a₀ · b₀ + a₁ · b₁ lane by lane, the signed 16-bit words of `a` and `b`.
  static func adding(_ sums: Sums, words a: Sums, times b: Sums) -> Sums
}

extension Portable: IntegerInstructions {
  public typealias Sums = SIMD4<Int32>

  @inlinable @inline(__always)
  public static func adding(_ sums: Sums, _ activations: Int32, times weights: Sums) -> Sums {
    // A shift up and an arithmetic shift down leave one byte of a lane with its sign.
    var result = sums &+ ((weights &<< 24) &>> 24) &* Sums(repeating: activations & 255)
    result = result &+ ((weights &<< 16) &>> 24) &* Sums(repeating: (activations &>> 8) & 255)
    result = result &+ ((weights &<< 8) &>> 24) &* Sums(repeating: (activations &>> 16) & 255)
    return result &+ (weights &>> 24) &* Sums(repeating: (activations &>> 24) & 255)
  }

  @inlinable @inline(__always)
  public static func floats(_ sums: Sums) -> Vector {
    Vector(Float(sums.x), Float(sums.y), Float(sums.z), Float(sums.w))
  }

  @inlinable @inline(__always)
  public static func floats(at bytes: UnsafePointer<UInt8>) -> Vector {
    Vector(Float(bytes[0]), Float(bytes[1]), Float(bytes[2]), Float(bytes[3]))
  }

  @inlinable @inline(__always)
  public static func store(_ left: Vector, _ right: Vector, lowest: Float, to bytes: UnsafeMutablePointer<UInt8>) {
    let (first, second) = (rounded(left, lowest: lowest), rounded(right, lowest: lowest))
    for lane in 0..<4 {
      bytes[lane] = UInt8(truncatingIfNeeded: first[lane])
      bytes[4 &+ lane] = UInt8(truncatingIfNeeded: second[lane])
    }
  }

  /// Adding 1.5 · 2^23 rounds to the nearest integer, which then stands in the low bits of the sum.
  @inlinable @inline(__always)
  static func rounded(_ values: Vector, lowest: Float) -> Sums {
    unsafeBitCast(values.clamped(from: lowest, to: 255) + Vector(repeating: 12_582_912), to: Sums.self)
  }
}

// Integer products, compiled for AVX2. Call only where the processor has it: see `InstructionSet`.

#if arch(x86_64)
  package import TensorKernelBodies
  import _Builtin_intrinsics.intel

  /// Beside `AVX2`: what a conformance in another file than the type's needs would be weak symbols, which the linker
  /// could merge with those of other modules.
  enum AVX2Integers: WordProductInstructions {
    typealias Vector = SIMD8<Float>
    typealias Sums = SIMD8<Int32>

    @inline(__always)
    static var fuses: Bool { false }

    /// By products of words, which are exact. AVX2's products of bytes are not: the sums of two saturate at 16 bits.
    @inline(__always)
    static func adding(_ sums: Sums, _ activations: Int32, times weights: Sums) -> Sums {
      let (even, odd) = words(ofSignedBytes: weights)
      let evenSums = adding(sums, words: even, times: Sums(repeating: activations & 0x00ff_00ff))
      return adding(evenSums, words: odd, times: Sums(repeating: (activations &>> 8) & 0x00ff_00ff))
    }

    @inline(__always)
    static func words(ofSignedBytes lanes: Sums) -> (even: Sums, odd: Sums) {
      let words = unsafeBitCast(lanes, to: __m256i.self)
      return (
        unsafeBitCast(_mm256_srai_epi16(_mm256_slli_epi16(words, 8), 8), to: Sums.self),
        unsafeBitCast(_mm256_srai_epi16(words, 8), to: Sums.self)
      )
    }

    @inline(__always)
    static func adding(_ sums: Sums, words a: Sums, times b: Sums) -> Sums {
      sums
        &+ unsafeBitCast(
          _mm256_madd_epi16(unsafeBitCast(a, to: __m256i.self), unsafeBitCast(b, to: __m256i.self)), to: Sums.self)
    }

    @inline(__always)
    static func floats(_ sums: Sums) -> Vector {
      _mm256_cvtepi32_ps(unsafeBitCast(sums, to: __m256i.self))
    }

    @inline(__always)
    static func floats(at bytes: UnsafePointer<UInt8>) -> Vector {
      let eight = UnsafeRawPointer(bytes).loadUnaligned(as: Int64.self)
      return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(SIMD2(eight, 0)))
    }

    @inline(__always)
    static func store(_ left: Vector, _ right: Vector, lowest: Float, to bytes: UnsafeMutablePointer<UInt8>) {
      // Packing works in each half of a register by itself: fours of words are left, right, left, right.
      let words = _mm256_packs_epi32(integers(left, lowest: lowest), integers(right, lowest: lowest))
      let packed = _mm_packus_epi16(SIMD2(words.x, words.z), SIMD2(words.y, words.w))
      UnsafeMutableRawPointer(bytes).storeBytes(
        of: unsafeBitCast(packed, to: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
    }

    /// The maximum is its second operand where the first is NaN.
    @inline(__always)
    private static func integers(_ values: Vector, lowest: Float) -> __m256i {
      _mm256_cvtps_epi32(
        _mm256_min_ps(_mm256_max_ps(values, Vector(repeating: lowest)), Vector(repeating: 255)))
    }
  }

  package func integerGEMMTile4x16AVX2(_ product: IntegerGEMMMicroKernel) {
    product.multiplyByWordsMR4(AVX2Integers.self)
  }

  package func quantizeAVX2(
    _ values: UnsafePointer<Float>, _ count: Int, _ inverse: Float, _ zeroPoint: Float,
    _ bytes: UnsafeMutablePointer<UInt8>
  ) {
    quantize(values, count: count, inverse: inverse, zeroPoint: zeroPoint, into: bytes, AVX2Integers.self)
  }

  package func integerProductLoopAVX2(_ rounds: Int) -> Int32 {
    IntegerProductLoop.run(rounds: rounds, AVX2Integers.self)
  }
#endif

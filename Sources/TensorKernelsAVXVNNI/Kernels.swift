// Integer products, compiled for AVX2 with AVX-VNNI: processors that multiply bytes and have no AVX-512. Call only where the
// processor has it: see `InstructionSet`.

#if arch(x86_64)
  package import TensorKernelBodies
  import _Builtin_intrinsics.intel

  /// All but the products is as in `AVX2Integers`: modules of different instructions share no code, lest the linker merge what only
  /// one of them may run.
  enum AVXVNNI: IntegerInstructions {
    typealias Vector = SIMD8<Float>
    typealias Sums = SIMD8<Int32>

    @inline(__always)
    static var fuses: Bool { false }

    @inline(__always)
    static func adding(_ sums: Sums, _ activations: Int32, times weights: Sums) -> Sums {
      unsafeBitCast(
        _mm256_dpbusd_avx_epi32(
          unsafeBitCast(sums, to: __m256i.self), unsafeBitCast(Sums(repeating: activations), to: __m256i.self),
          unsafeBitCast(weights, to: __m256i.self)),
        to: Sums.self)
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

  package func integerGEMMTile6x16AVXVNNI(_ product: IntegerGEMMMicroKernel) {
    product.multiplyMR6(AVXVNNI.self)
  }

  package func quantizeAVXVNNI(
    _ values: UnsafePointer<Float>, _ count: Int, _ inverse: Float, _ zeroPoint: Float,
    _ bytes: UnsafeMutablePointer<UInt8>
  ) {
    quantize(values, count: count, inverse: inverse, zeroPoint: zeroPoint, into: bytes, AVXVNNI.self)
  }

  package func integerProductLoopAVXVNNI(_ rounds: Int) -> Int32 {
    IntegerProductLoop.run(rounds: rounds, AVXVNNI.self)
  }
#endif

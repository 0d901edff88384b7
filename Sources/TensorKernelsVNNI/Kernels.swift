// Integer products, compiled for AVX-512 with VNNI. Call only where the processor has it: see `InstructionSet`.

#if arch(x86_64)
  package import TensorKernelBodies
  import _Builtin_intrinsics.intel

  enum VNNI: IntegerInstructions {
    typealias Vector = SIMD16<Float>
    typealias Sums = SIMD16<Int32>

    @inline(__always)
    static var fuses: Bool { false }

    @inline(__always)
    static func adding(_ sums: Sums, _ activations: Int32, times weights: Sums) -> Sums {
      unsafeBitCast(
        _mm512_dpbusd_epi32(
          unsafeBitCast(sums, to: __m512i.self), unsafeBitCast(Sums(repeating: activations), to: __m512i.self),
          unsafeBitCast(weights, to: __m512i.self)),
        to: Sums.self)
    }

    @inline(__always)
    static func floats(_ sums: Sums) -> Vector {
      _mm512_cvtepi32_ps(unsafeBitCast(sums, to: __m512i.self))
    }

    @inline(__always)
    static func floats(at bytes: UnsafePointer<UInt8>) -> Vector {
      let sixteen = UnsafeRawPointer(bytes).loadUnaligned(as: SIMD16<UInt8>.self)
      return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(unsafeBitCast(sixteen, to: __m128i.self)))
    }

    @inline(__always)
    static func store(_ left: Vector, _ right: Vector, lowest: Float, to bytes: UnsafeMutablePointer<UInt8>) {
      // Packing works in each quarter of a register by itself: in words of 32 bits, a quarter is left, right, twice.
      let words = _mm512_packus_epi32(integers(left, lowest: lowest), integers(right, lowest: lowest))
      let packed = _mm512_packus_epi16(words, words)
      let order = Sums(0, 4, 8, 12, 1, 5, 9, 13, 0, 0, 0, 0, 0, 0, 0, 0)
      let ordered = _mm512_permutexvar_epi32(unsafeBitCast(order, to: __m512i.self), packed)
      UnsafeMutableRawPointer(bytes).storeBytes(
        of: unsafeBitCast(ordered, to: Sums.self).lowHalf, as: SIMD8<Int32>.self)
    }

    /// The maximum is its second operand where the first is NaN.
    @inline(__always)
    private static func integers(_ values: Vector, lowest: Float) -> __m512i {
      _mm512_cvtps_epi32(_mm512_min_ps(_mm512_max_ps(values, Vector(repeating: lowest)), Vector(repeating: 255)))
    }
  }

  package func integerGEMMTile12x32VNNI(_ product: IntegerGEMMMicroKernel) {
    product.multiplyMR12(VNNI.self)
  }

  package func quantizeVNNI(
    _ values: UnsafePointer<Float>, _ count: Int, _ inverse: Float, _ zeroPoint: Float,
    _ bytes: UnsafeMutablePointer<UInt8>
  ) {
    quantize(values, count: count, inverse: inverse, zeroPoint: zeroPoint, into: bytes, VNNI.self)
  }

  package func integerProductLoopVNNI(_ rounds: Int) -> Int32 {
    IntegerProductLoop.run(rounds: rounds, VNNI.self)
  }
#endif

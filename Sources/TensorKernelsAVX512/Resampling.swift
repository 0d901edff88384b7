// Resizing of pictures with AVX-512. Call only where the processor has it.

#if arch(x86_64)
  package import TensorKernelBodies
  import _Builtin_intrinsics.intel

  /// Four output pixels at a time, one in each quarter of a vector.
  package func resampleRowAVX512(_ row: RowResampling) {
    let pixels = (spread(tap: 0), spread(tap: 1), spread(tap: 2), spread(tap: 3))
    let repeats = (repeated(tap: 0), repeated(tap: 1), repeated(tap: 2), repeated(tap: 3))
    var (offsets, weights, output) = (row.offsets, row.weights, row.output)
    for _ in 0..<row.groups {
      var sum = SIMD16<UInt32>(repeating: 1 << 21)
      var pixel = UnsafeRawPointer(row.source)
      var tap = 0
      while tap < row.taps {
        let bytes = SIMD64(
          lowHalf: SIMD32(lowHalf: load(pixel, offsets[0]), highHalf: load(pixel, offsets[1])),
          highHalf: SIMD32(lowHalf: load(pixel, offsets[2]), highHalf: load(pixel, offsets[3])))
        let four = UnsafeRawPointer(weights).loadUnaligned(as: SIMD64<UInt8>.self)
        sum &+= shuffled(bytes, pixels.0) &* shuffled(four, repeats.0)
        sum &+= shuffled(bytes, pixels.1) &* shuffled(four, repeats.1)
        sum &+= shuffled(bytes, pixels.2) &* shuffled(four, repeats.2)
        sum &+= shuffled(bytes, pixels.3) &* shuffled(four, repeats.3)
        weights += 16
        pixel += 12
        tap &+= 4
      }
      let mean = lowestBytes(sum &>> SIMD16(repeating: 22))
      UnsafeMutableRawPointer(output).storeBytes(of: withoutFourths(mean), as: SIMD16<UInt8>.self)
      offsets += 4
      output += 12
    }
  }

  package func resampleColumnsAVX512(_ columns: ColumnResampling) {
    columns.resample(
      load: { source in
        let bytes = source.loadUnaligned(as: __m128i.self)
        return unsafeBitCast(_mm512_cvtepu8_epi32(bytes), to: SIMD16<UInt32>.self)
      },
      store: { lanes, target in target.storeBytes(of: lowestBytes(lanes), as: SIMD16<UInt8>.self) })
  }

  @inline(__always)
  private func lowestBytes(_ lanes: SIMD16<UInt32>) -> SIMD16<UInt8> {
    unsafeBitCast(_mm512_cvtepi32_epi8(unsafeBitCast(lanes, to: __m512i.self)), to: SIMD16<UInt8>.self)
  }

  /// In every quarter, the three bytes of a pixel and the next, each widened to 32 bits: 128 stands for a zero.
  @inline(__always)
  private func spread(tap: UInt8) -> SIMD64<UInt8> {
    var mask = SIMD64<UInt8>(repeating: 128)
    for quarter in 0..<4 {
      for byte in 0..<4 { mask[quarter * 16 + byte * 4] = 3 * tap + UInt8(truncatingIfNeeded: byte) }
    }
    return mask
  }

  /// In every quarter, one of its four weights for all lanes.
  @inline(__always)
  private func repeated(tap: UInt8) -> SIMD64<UInt8> {
    var mask = SIMD64<UInt8>()
    for byte in 0..<64 { mask[byte] = 4 * tap + UInt8(truncatingIfNeeded: byte % 4) }
    return mask
  }

  @inline(__always)
  private func shuffled(_ bytes: SIMD64<UInt8>, _ mask: SIMD64<UInt8>) -> SIMD16<UInt32> {
    let result = _mm512_shuffle_epi8(
      unsafeBitCast(bytes, to: __m512i.self), unsafeBitCast(mask, to: __m512i.self))
    return unsafeBitCast(result, to: SIMD16<UInt32>.self)
  }

  /// Four times red, green, blue, without what stands between them.
  @inline(__always)
  private func withoutFourths(_ bytes: SIMD16<UInt8>) -> SIMD16<UInt8> {
    let mask = SIMD16<UInt8>(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 128, 128, 128, 128)
    let result = _mm_shuffle_epi8(unsafeBitCast(bytes, to: __m128i.self), unsafeBitCast(mask, to: __m128i.self))
    return unsafeBitCast(result, to: SIMD16<UInt8>.self)
  }

  @inline(__always)
  private func load(_ pixel: UnsafeRawPointer, _ offset: Int32) -> SIMD16<UInt8> {
    (pixel + Int(offset)).loadUnaligned(as: SIMD16<UInt8>.self)
  }
#endif

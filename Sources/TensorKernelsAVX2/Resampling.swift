// Resizing of pictures with AVX2. Call only where the processor has it.

#if arch(x86_64)
  package import TensorKernelBodies
  import _Builtin_intrinsics.intel

  /// Two output pixels at a time, one in each half of a vector.
  package func resampleRowAVX2(_ row: RowResampling) {
    let pixels = (spread(tap: 0), spread(tap: 1), spread(tap: 2), spread(tap: 3))
    let repeats = (repeated(tap: 0), repeated(tap: 1), repeated(tap: 2), repeated(tap: 3))
    var (offsets, weights, output) = (row.offsets, row.weights, row.output)
    for _ in 0..<row.groups {
      var sum = SIMD8<UInt32>(repeating: 1 << 21)
      var pixel = UnsafeRawPointer(row.source)
      var tap = 0
      while tap < row.taps {
        let bytes = SIMD32(lowHalf: load(pixel, offsets[0]), highHalf: load(pixel, offsets[1]))
        let four = UnsafeRawPointer(weights).loadUnaligned(as: SIMD32<UInt8>.self)
        sum &+= shuffled(bytes, pixels.0) &* shuffled(four, repeats.0)
        sum &+= shuffled(bytes, pixels.1) &* shuffled(four, repeats.1)
        sum &+= shuffled(bytes, pixels.2) &* shuffled(four, repeats.2)
        sum &+= shuffled(bytes, pixels.3) &* shuffled(four, repeats.3)
        weights += 8
        pixel += 12
        tap &+= 4
      }
      store(sum &>> SIMD8(repeating: 22), to: UnsafeMutableRawPointer(output))
      offsets += 2
      output += 6
    }
  }

  package func resampleColumnsAVX2(_ columns: ColumnResampling) {
    columns.resample(
      load: { SIMD16(lowHalf: widened($0), highHalf: widened($0 + 8)) },
      store: { lanes, target in target.storeBytes(of: lowestBytes(lanes), as: SIMD16<UInt8>.self) })
  }

  /// Eight bytes.
  @inline(__always)
  private func widened(_ source: UnsafeRawPointer) -> SIMD8<UInt32> {
    let bytes = SIMD2<Int64>(source.loadUnaligned(as: Int64.self), 0)
    return unsafeBitCast(_mm256_cvtepu8_epi32(bytes), to: SIMD8<UInt32>.self)
  }

  /// Packing twice leaves the quarters of the vector in the order 0, 2, 1, 3.
  @inline(__always)
  private func lowestBytes(_ lanes: SIMD16<UInt32>) -> SIMD16<UInt8> {
    let words = _mm256_packus_epi32(
      unsafeBitCast(lanes.lowHalf, to: __m256i.self), unsafeBitCast(lanes.highHalf, to: __m256i.self))
    let order = SIMD8<Int32>(0, 4, 1, 5, 0, 4, 1, 5)
    let bytes = _mm256_permutevar8x32_epi32(
      _mm256_packus_epi16(words, words), unsafeBitCast(order, to: __m256i.self))
    return unsafeBitCast(bytes, to: SIMD32<UInt8>.self).lowHalf
  }

  /// In each half, the three bytes of a pixel and the next, each widened to 32 bits: 128 stands for a zero.
  @inline(__always)
  private func spread(tap: UInt8) -> SIMD32<UInt8> {
    var mask = SIMD32<UInt8>(repeating: 128)
    for half in 0..<2 {
      for byte in 0..<4 { mask[half * 16 + byte * 4] = 3 * tap + UInt8(truncatingIfNeeded: byte) }
    }
    return mask
  }

  /// In each half, one of its four weights for all lanes.
  @inline(__always)
  private func repeated(tap: UInt8) -> SIMD32<UInt8> {
    var mask = SIMD32<UInt8>()
    for byte in 0..<32 { mask[byte] = 4 * tap + UInt8(truncatingIfNeeded: byte % 4) }
    return mask
  }

  @inline(__always)
  private func shuffled(_ bytes: SIMD32<UInt8>, _ mask: SIMD32<UInt8>) -> SIMD8<UInt32> {
    let result = _mm256_shuffle_epi8(
      unsafeBitCast(bytes, to: __m256i.self), unsafeBitCast(mask, to: __m256i.self))
    return unsafeBitCast(result, to: SIMD8<UInt32>.self)
  }

  /// Red, green and blue of both pixels; the second's fourth byte is written behind them.
  @inline(__always)
  private func store(_ mean: SIMD8<UInt32>, to target: UnsafeMutableRawPointer) {
    var mask = SIMD32<UInt8>(repeating: 128)
    for byte in 0..<4 {
      mask[byte] = UInt8(truncatingIfNeeded: byte * 4)
      mask[16 + byte] = UInt8(truncatingIfNeeded: byte * 4)
    }
    let bytes = shuffled(unsafeBitCast(mean, to: SIMD32<UInt8>.self), mask)
    target.storeBytes(of: bytes[0], as: UInt32.self)
    target.storeBytes(of: bytes[4], toByteOffset: 3, as: UInt32.self)
  }

  @inline(__always)
  private func load(_ pixel: UnsafeRawPointer, _ offset: Int32) -> SIMD16<UInt8> {
    (pixel + Int(offset)).loadUnaligned(as: SIMD16<UInt8>.self)
  }
#endif

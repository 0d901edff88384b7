/// Weighs the pixels of each row by `taps`: (rows, width, 3) becomes (rows, taps, 3).
struct RowResampler {
  let taps: ResampleTaps
  let input: UnsafeBufferPointer<UInt8>
  let inputRowBytes: Int
  let output: UnsafeMutableBufferPointer<UInt8>

  func resample(_ rows: Range<Int>) {
    guard let input = input.baseAddress, let output = output.baseAddress else { return }
    let outputRowBytes = 3 * taps.windows.count
    taps.withUnsafePointers { windows, weights in
      for row in rows {
        let source = input + row * inputRowBytes
        var target = output + row * outputRowBytes
        for window in windows {
          let color = mean(source + 3 * window.start, window.count, weights + window.offset)
          (target[0], target[1], target[2]) = (color.x, color.y, color.z)
          target += 3
        }
      }
    }
  }

  /// Red and green share a 64-bit word, so that one multiplication weighs both: their sums are below 2³¹ and do not
  /// touch. Three channels are too few for vectors, which would have to be put together byte by byte.
  @inline(__always)
  private func mean(
    _ first: UnsafePointer<UInt8>, _ count: Int, _ weights: UnsafePointer<UInt32>
  ) -> SIMD3<UInt8> {
    let half: UInt64 = 1 << (ResampleTaps.bits - 1)
    var redGreen = half | half << 32
    var blue = half
    var pixel = first
    for tap in 0..<count {
      let weight = UInt64(weights[tap])
      redGreen &+= (UInt64(pixel[0]) | UInt64(pixel[1]) << 32) &* weight
      blue &+= UInt64(pixel[2]) &* weight
      pixel += 3
    }
    return SIMD3(
      UInt8(clamping: UInt32(truncatingIfNeeded: redGreen) >> UInt32(ResampleTaps.bits)),
      UInt8(clamping: redGreen >> UInt64(32 + ResampleTaps.bits)),
      UInt8(clamping: blue >> UInt64(ResampleTaps.bits)))
  }
}

import TensorCore

/// The horizontal pass in portable code: (rows, width, 3) becomes (rows, output width, 3).
struct HorizontalResampler: Sendable {
  let weights: InterpolationWeights
  /// Only read.
  nonisolated(unsafe) let input: UnsafeBufferPointer<UInt8>
  let inputRowBytes: Int
  let output: DisjointBuffer<UInt8>

  /// Resamples the given rows.
  func resample(_ rows: Range<Int>) {
    guard let input = input.baseAddress, output.count > 0 else { return }
    let output = output.pointer(to: 0)
    let outputRowBytes = 3 * weights.windows.count
    weights.withUnsafePointers { windows, values in
      for row in rows {
        let source = input + row * inputRowBytes
        var target = output + row * outputRowBytes
        for window in windows {
          let color = mean(source + 3 * window.start, window.count, values + window.offset)
          (target[0], target[1], target[2]) = (color.x, color.y, color.z)
          target += 3
        }
      }
    }
  }

  /// The weighted mean of `count` pixels.
  ///
  /// Red and green share a 64-bit word, so that one multiplication weights both: their sums stay below 2³¹ and do not
  /// overlap. SIMD does not pay for three channels, since each vector would be assembled byte by byte.
  @inline(__always)
  private func mean(
    _ first: UnsafePointer<UInt8>, _ count: Int, _ weights: UnsafePointer<UInt32>
  ) -> SIMD3<UInt8> {
    let bits = InterpolationWeights.fractionBits
    let half: UInt64 = 1 << (bits - 1)
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
      UInt8(clamping: UInt32(truncatingIfNeeded: redGreen) >> UInt32(bits)),
      UInt8(clamping: redGreen >> UInt64(32 + bits)),
      UInt8(clamping: blue >> UInt64(bits)))
  }
}

/// The vertical pass in portable SIMD: (height, rowBytes) becomes (output height, rowBytes).
struct VerticalResampler: Sendable {
  private static let lanes = 8

  let weights: InterpolationWeights
  /// Only read.
  nonisolated(unsafe) let input: UnsafeBufferPointer<UInt8>
  let output: DisjointBuffer<UInt8>
  let rowBytes: Int

  /// Computes the given rows of the output.
  func resample(_ rows: Range<Int>) {
    guard let input = UnsafeRawPointer(input.baseAddress), output.count > 0 else { return }
    let output = UnsafeMutableRawPointer(output.pointer(to: 0))
    weights.withUnsafePointers { windows, values in
      for row in rows {
        let window = windows[row]
        resample(
          input + window.start * rowBytes, window.count, values + window.offset, to: output + row * rowBytes)
      }
    }
  }

  private func resample(
    _ source: UnsafeRawPointer, _ count: Int, _ weights: UnsafePointer<UInt32>, to target: UnsafeMutableRawPointer
  ) {
    var column = 0
    while column + Self.lanes <= rowBytes {
      var sum = WeightedSum<SIMD8<Int32>>()
      var bytes = source + column
      for tap in 0..<count {
        sum.add(SIMD8(truncatingIfNeeded: bytes.loadUnaligned(as: SIMD8<UInt8>.self)), weight: weights[tap])
        bytes += rowBytes
      }
      target.storeBytes(of: SIMD8(truncatingIfNeeded: sum.mean), toByteOffset: column, as: SIMD8<UInt8>.self)
      column += Self.lanes
    }
    while column < rowBytes {
      var sum = WeightedSum<SIMD2<Int32>>()
      for tap in 0..<count {
        let byte = source.load(fromByteOffset: column + tap * rowBytes, as: UInt8.self)
        sum.add(SIMD2(Int32(byte), 0), weight: weights[tap])
      }
      target.storeBytes(of: UInt8(truncatingIfNeeded: sum.mean.x), toByteOffset: column, as: UInt8.self)
      column += 1
    }
  }
}

/// A sum of weighted bytes in each lane.
///
/// A weight is split into `high << 11 + low`, because vector units without a fast 32-bit multiplication have a 16-bit
/// one; the two partial sums, recombined modulo 2³², are exact.
private struct WeightedSum<Lanes: SIMD> where Lanes.Scalar == Int32 {
  private static var lowBits: UInt32 { 11 }

  private var high = Lanes()
  private var low = Lanes()

  @inline(__always)
  init() {}

  /// Adds `values`, each in 0...255. The masks tell the compiler that 16-bit multiplications suffice.
  @inline(__always)
  mutating func add(_ values: Lanes, weight: UInt32) {
    high &+= values &* Lanes(repeating: Int32(truncatingIfNeeded: weight >> Self.lowBits & 0x7FFF))
    low &+= values &* Lanes(repeating: Int32(truncatingIfNeeded: weight & (1 << Self.lowBits - 1)))
  }

  /// The sums rounded to the nearest byte, still in 32-bit lanes.
  @inline(__always)
  var mean: Lanes {
    let bits = Int32(InterpolationWeights.fractionBits)
    let half = Lanes(repeating: 1 << (bits - 1))
    let sum = (high &<< Lanes(repeating: Int32(Self.lowBits))) &+ low &+ half
    return (sum &>> Lanes(repeating: bits)).clamped(lowerBound: Lanes(), upperBound: Lanes(repeating: 255))
  }
}

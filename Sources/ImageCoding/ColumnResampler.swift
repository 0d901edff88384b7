/// Weighs whole rows by `taps`: (height, rowBytes) becomes (taps, rowBytes).
struct ColumnResampler {
  private static let lanes = 8

  let taps: ResampleTaps
  let input: UnsafeBufferPointer<UInt8>
  let output: UnsafeMutableBufferPointer<UInt8>
  let rowBytes: Int

  func resample(_ rows: Range<Int>) {
    guard let input = UnsafeRawPointer(input.baseAddress), let output = UnsafeMutableRawPointer(output.baseAddress)
    else { return }
    taps.withUnsafePointers { windows, weights in
      for row in rows {
        let window = windows[row]
        resample(
          input + window.start * rowBytes, window.count, weights + window.offset, to: output + row * rowBytes)
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

/// Sums of weighted bytes, one for each lane.
///
/// A weight is taken in two halves, `high << 11 + low`: a vector unit without a fast 32-bit multiplication has one of
/// 16 bits, and the two sums put together modulo 2³² are exact.
private struct WeightedSum<Lanes: SIMD> where Lanes.Scalar == Int32 {
  private static var lowBits: UInt32 { 11 }

  private var high = Lanes()
  private var low = Lanes()

  @inline(__always)
  init() {}

  /// Adds `values`, each in 0...255. The masks tell the compiler that 16-bit multiplications do.
  @inline(__always)
  mutating func add(_ values: Lanes, weight: UInt32) {
    high &+= values &* Lanes(repeating: Int32(truncatingIfNeeded: weight >> Self.lowBits & 0x7FFF))
    low &+= values &* Lanes(repeating: Int32(truncatingIfNeeded: weight & (1 << Self.lowBits - 1)))
  }

  /// The nearest bytes, still as 32-bit lanes.
  @inline(__always)
  var mean: Lanes {
    let half = Lanes(repeating: 1 << Int32(ResampleTaps.bits - 1))
    let sum = (high &<< Lanes(repeating: Int32(Self.lowBits))) &+ low &+ half
    return (sum &>> Lanes(repeating: Int32(ResampleTaps.bits))).clamped(
      lowerBound: Lanes(), upperBound: Lanes(repeating: 255))
  }
}

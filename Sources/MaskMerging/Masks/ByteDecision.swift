/// Which bytes of a row exceed a limit, as bits; eight bytes are compared within one integer.
struct ByteDecision {
  private static let highest: UInt64 = 0x8080_8080_8080_8080

  private let isBelowHalf: Bool
  /// Added to the lower seven bits of each byte, carries into the highest one where they exceed those of the limit.
  private let complement: UInt64
  private let limit: UInt8

  init(above limit: UInt8) {
    self.limit = limit
    isBelowHalf = limit < 128
    complement = 0x0101_0101_0101_0101 * UInt64(127 - limit % 128)
  }

  /// Sets the bits of the columns whose byte is above the limit; others stay as they are.
  func setBits(_ words: UnsafeMutablePointer<UInt64>, of bytes: UnsafePointer<UInt8>, count: Int) {
    let whole = count / 64
    for word in 0..<whole { words[word] |= bits(of: bytes + 64 * word) }
    for x in 64 * whole..<count where bytes[x] > limit { words[whole] |= 1 << UInt64(truncatingIfNeeded: x & 63) }
  }

  /// The bits of 64 bytes. Most of a mask's are all inside or all outside, and need no more than that answer.
  @inline(__always)
  private func bits(of bytes: UnsafePointer<UInt8>) -> UInt64 {
    let values = UnsafeRawPointer(bytes).loadUnaligned(as: SIMD8<UInt64>.self)
    let sums = (values & ~Self.highest) &+ complement
    let exceeding = isBelowHalf ? sums | values : sums & values
    let (either, both) = (exceeding.lowHalf | exceeding.highHalf, exceeding.lowHalf & exceeding.highHalf)
    if (either[0] | either[1] | either[2] | either[3]) & Self.highest == 0 { return 0 }
    if both[0] & both[1] & both[2] & both[3] & Self.highest == Self.highest { return ~0 }
    var bits: UInt64 = 0
    for group in 0..<8 {
      // The product gathers the highest bits of the eight bytes in the highest byte, in order.
      let ones = (exceeding[group].littleEndian & Self.highest) >> 7
      bits |= ((ones &* 0x0102_0408_1020_4080) >> 56) << UInt64(truncatingIfNeeded: 8 * group)
    }
    return bits
  }
}

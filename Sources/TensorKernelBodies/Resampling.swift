// What resizing a picture asks of an instruction set. Weights have 22 fraction bits and sums begin at one half, so that
// dropping those bits rounds; a weighted mean of bytes is a byte, and no sum exceeds 32 bits.

/// One row of pixels of three bytes, resampled along the row, in groups of as many output pixels as fill a vector.
public struct RowResampling {
  public var source: UnsafePointer<UInt8>
  /// Bytes from `source` to each output pixel's first tap; whole groups.
  public var offsets: UnsafePointer<Int32>
  /// Axes (groups, taps / 4, output pixels of a group, 4 taps).
  public var weights: UnsafePointer<UInt32>
  /// Of every output pixel alike, a multiple of 4. Sixteen bytes are read for every four.
  public var taps: Int
  public var groups: Int
  /// Three bytes for each output pixel, and four behind the last that are written, too.
  public var output: UnsafeMutablePointer<UInt8>

  @inlinable
  public init(
    source: UnsafePointer<UInt8>, offsets: UnsafePointer<Int32>, weights: UnsafePointer<UInt32>, taps: Int,
    groups: Int, output: UnsafeMutablePointer<UInt8>
  ) {
    self.source = source
    self.offsets = offsets
    self.weights = weights
    self.taps = taps
    self.groups = groups
    self.output = output
  }
}

/// One row of bytes, the weighted mean of several rows.
public struct ColumnResampling {
  /// Bytes that are taken at once, and the fewest that a row may have.
  public static let block = 64

  /// A row for each tap.
  public var rows: UnsafePointer<UnsafePointer<UInt8>>
  public var weights: UnsafePointer<UInt32>
  public var taps: Int
  public var output: UnsafeMutablePointer<UInt8>
  /// Bytes of a row, at least `block`.
  public var count: Int

  @inlinable
  public init(
    rows: UnsafePointer<UnsafePointer<UInt8>>, weights: UnsafePointer<UInt32>, taps: Int,
    output: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    self.rows = rows
    self.weights = weights
    self.taps = taps
    self.output = output
    self.count = count
  }

  /// - Parameters:
  ///   - load: Sixteen bytes, each widened to 32 bits.
  ///   - store: Writes the lowest byte of each of sixteen lanes.
  @inlinable @inline(__always)
  public func resample(
    load: (UnsafeRawPointer) -> SIMD16<UInt32>, store: (SIMD16<UInt32>, UnsafeMutableRawPointer) -> Void
  ) {
    var column = 0
    while column &+ Self.block <= count {
      resampleBlock(column, load, store)
      column &+= Self.block
    }
    // The last block overlaps the one before, whose bytes it writes again.
    if column < count { resampleBlock(count &- Self.block, load, store) }
  }

  @inlinable @inline(__always)
  func resampleBlock(
    _ column: Int, _ load: (UnsafeRawPointer) -> SIMD16<UInt32>,
    _ store: (SIMD16<UInt32>, UnsafeMutableRawPointer) -> Void
  ) {
    let half = SIMD16<UInt32>(repeating: 1 << 21)
    var (a, b, c, d) = (half, half, half, half)
    for tap in 0..<taps {
      let source = UnsafeRawPointer(rows[tap] + column)
      let weight = SIMD16<UInt32>(repeating: weights[tap])
      a &+= load(source) &* weight
      b &+= load(source + 16) &* weight
      c &+= load(source + 32) &* weight
      d &+= load(source + 48) &* weight
    }
    let target = UnsafeMutableRawPointer(output + column)
    let bits = SIMD16<UInt32>(repeating: 22)
    store(a &>> bits, target)
    store(b &>> bits, target + 16)
    store(c &>> bits, target + 32)
    store(d &>> bits, target + 48)
  }
}

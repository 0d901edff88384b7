/// uint8 × int8 GEMM micro-kernel for one packed panel of B: C = A · B with exact int32 sums, to which the epilogue is
/// applied as each tile is stored.
///
/// A row of A is what lies under a convolution's kernel, in one or several runs of bytes that are equally far apart: the
/// rows of the kernel where pixels are read in place, one run where they were gathered.
public struct IntegerGEMMMicroKernel {
  /// The first run of the first row.
  public var a: UnsafePointer<UInt8>
  /// Bytes from one row of A to the next.
  public var aStride: Int
  public var rows: Int
  /// Number of runs in a row, and bytes from one run to the next.
  public var runs: Int
  public var runStride: Int
  /// Groups of four bytes in a run.
  public var runLength: Int
  /// Packed panel, rows of as many 32-bit words as a tile has columns: the initial sums (int32), the multipliers and the offsets (fp32), then a row
  /// for each four of the depth, with four int8 weights for each column.
  public var panel: UnsafePointer<Int32>
  public var result: RequantizationEpilogue

  @inlinable
  public init(
    a: UnsafePointer<UInt8>, aStride: Int, rows: Int, runs: Int = 1, runStride: Int = 0, runLength: Int,
    panel: UnsafePointer<Int32>, result: RequantizationEpilogue
  ) {
    self.a = a
    self.aStride = aStride
    self.rows = rows
    self.runs = runs
    self.runStride = runStride
    self.runLength = runLength
    self.panel = panel
    self.result = result
  }

  /// Rows of a panel in front of the weights.
  public static let headRows = 3

  /// All rows, in tiles of 12: their sums fill 24 registers.
  @inlinable @inline(__always)
  public func multiplyMR12<Instructions: IntegerInstructions>(_: Instructions.Type) {
    withSums(Instructions.self) { sums in
      var row = 0
      while row &+ 12 <= rows {
        tileMR12(row, sums, Instructions.self)
        row &+= 12
      }
      finishRows(from: row, sums, Instructions.self)
    }
  }

  /// All rows, in tiles of 6: their sums fill 12 registers.
  @inlinable @inline(__always)
  public func multiplyMR6<Instructions: IntegerInstructions>(_: Instructions.Type) {
    withSums(Instructions.self) { sums in
      var row = 0
      while row &+ 6 <= rows {
        tileMR6(row, sums, Instructions.self)
        row &+= 6
      }
      finishRows(from: row, sums, Instructions.self)
    }
  }

  /// All rows, in tiles of 4: their sums fill 8 registers.
  @inlinable @inline(__always)
  public func multiplyMR4<Instructions: IntegerInstructions>(_: Instructions.Type) {
    withSums(Instructions.self) { sums in finishRows(from: 0, sums, Instructions.self) }
  }

  /// Scratch buffer for the sums of a tile, which the epilogue reads row by row.
  @inlinable @inline(__always)
  func withSums<Instructions: IntegerInstructions>(
    _: Instructions.Type, _ body: (UnsafeMutablePointer<Int32>) -> Void
  ) {
    var registers = InlineArray<24, Instructions.Sums>(repeating: Instructions.Sums(repeating: 0))
    withUnsafeMutableBytes(of: &registers) { buffer in
      guard let base = buffer.baseAddress else { return }
      body(base.bindMemory(to: Int32.self, capacity: buffer.count / MemoryLayout<Int32>.stride))
    }
  }

  @inlinable @inline(__always)
  func finishRows<Instructions: IntegerInstructions>(
    from first: Int, _ sums: UnsafeMutablePointer<Int32>, _: Instructions.Type
  ) {
    var row = first
    while row &+ 4 <= rows {
      tileMR4(row, sums, Instructions.self)
      row &+= 4
    }
    while row < rows {
      tileMR1(row, sums, Instructions.self)
      row &+= 1
    }
  }

  /// Where the weights begin.
  @inlinable @inline(__always)
  func weights<Instructions: IntegerInstructions>(_: Instructions.Type) -> UnsafePointer<Int32> {
    panel + Self.headRows &* 2 &* Instructions.Sums.scalarCount
  }

  @inlinable @inline(__always)
  func tileMR12<Instructions: IntegerInstructions>(
    _ row: Int, _ sums: UnsafeMutablePointer<Int32>, _: Instructions.Type
  ) {
    var r0 = IntegerTileRow<Instructions>(at: panel)
    var (r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11) = (r0, r0, r0, r0, r0, r0, r0, r0, r0, r0, r0)
    var b = weights(Instructions.self)
    let (one, two) = (aStride, 2 &* aStride)
    for run in 0..<runs {
      // Four pointers three rows apart reach twelve rows with the addressing that the processor has.
      var first = UnsafeRawPointer(a) + row &* aStride + run &* runStride
      var (second, third, fourth) = (first + 3 &* aStride, first + 6 &* aStride, first + 9 &* aStride)
      for _ in 0..<runLength {
        let weights = IntegerTileRow<Instructions>(at: b)
        r0.add(first, 0, weights)
        r1.add(first, one, weights)
        r2.add(first, two, weights)
        r3.add(second, 0, weights)
        r4.add(second, one, weights)
        r5.add(second, two, weights)
        r6.add(third, 0, weights)
        r7.add(third, one, weights)
        r8.add(third, two, weights)
        r9.add(fourth, 0, weights)
        r10.add(fourth, one, weights)
        r11.add(fourth, two, weights)
        b += 2 &* Instructions.Sums.scalarCount
        first += 4
        second += 4
        third += 4
        fourth += 4
      }
    }
    r0.store(to: sums, 0)
    r1.store(to: sums, 1)
    r2.store(to: sums, 2)
    r3.store(to: sums, 3)
    r4.store(to: sums, 4)
    r5.store(to: sums, 5)
    r6.store(to: sums, 6)
    r7.store(to: sums, 7)
    r8.store(to: sums, 8)
    r9.store(to: sums, 9)
    r10.store(to: sums, 10)
    r11.store(to: sums, 11)
    result.finish(sums, row..<row &+ 12, RequantizationScales<Instructions>(at: panel))
  }

  @inlinable @inline(__always)
  func tileMR6<Instructions: IntegerInstructions>(
    _ row: Int, _ sums: UnsafeMutablePointer<Int32>, _: Instructions.Type
  ) {
    var r0 = IntegerTileRow<Instructions>(at: panel)
    var (r1, r2, r3, r4, r5) = (r0, r0, r0, r0, r0)
    var b = weights(Instructions.self)
    let (one, two) = (aStride, 2 &* aStride)
    for run in 0..<runs {
      var first = UnsafeRawPointer(a) + row &* aStride + run &* runStride
      var second = first + 3 &* aStride
      for _ in 0..<runLength {
        let weights = IntegerTileRow<Instructions>(at: b)
        r0.add(first, 0, weights)
        r1.add(first, one, weights)
        r2.add(first, two, weights)
        r3.add(second, 0, weights)
        r4.add(second, one, weights)
        r5.add(second, two, weights)
        b += 2 &* Instructions.Sums.scalarCount
        first += 4
        second += 4
      }
    }
    r0.store(to: sums, 0)
    r1.store(to: sums, 1)
    r2.store(to: sums, 2)
    r3.store(to: sums, 3)
    r4.store(to: sums, 4)
    r5.store(to: sums, 5)
    result.finish(sums, row..<row &+ 6, RequantizationScales<Instructions>(at: panel))
  }

  @inlinable @inline(__always)
  func tileMR4<Instructions: IntegerInstructions>(
    _ row: Int, _ sums: UnsafeMutablePointer<Int32>, _: Instructions.Type
  ) {
    var r0 = IntegerTileRow<Instructions>(at: panel)
    var (r1, r2, r3) = (r0, r0, r0)
    var b = weights(Instructions.self)
    let (one, two, three) = (aStride, 2 &* aStride, 3 &* aStride)
    for run in 0..<runs {
      var first = UnsafeRawPointer(a) + row &* aStride + run &* runStride
      for _ in 0..<runLength {
        let weights = IntegerTileRow<Instructions>(at: b)
        r0.add(first, 0, weights)
        r1.add(first, one, weights)
        r2.add(first, two, weights)
        r3.add(first, three, weights)
        b += 2 &* Instructions.Sums.scalarCount
        first += 4
      }
    }
    r0.store(to: sums, 0)
    r1.store(to: sums, 1)
    r2.store(to: sums, 2)
    r3.store(to: sums, 3)
    result.finish(sums, row..<row &+ 4, RequantizationScales<Instructions>(at: panel))
  }

  @inlinable @inline(__always)
  func tileMR1<Instructions: IntegerInstructions>(
    _ row: Int, _ sums: UnsafeMutablePointer<Int32>, _: Instructions.Type
  ) {
    var r0 = IntegerTileRow<Instructions>(at: panel)
    var b = weights(Instructions.self)
    for run in 0..<runs {
      var values = UnsafeRawPointer(a) + row &* aStride + run &* runStride
      for _ in 0..<runLength {
        r0.add(values, 0, IntegerTileRow(at: b))
        b += 2 &* Instructions.Sums.scalarCount
        values += 4
      }
    }
    r0.store(to: sums, 0)
    result.finish(sums, row..<row &+ 1, RequantizationScales<Instructions>(at: panel))
  }
}

/// One row of a tile: the sums of two vectors of columns side by side.
public struct IntegerTileRow<Instructions: IntegerInstructions> {
  @usableFromInline var left: Instructions.Sums
  @usableFromInline var right: Instructions.Sums

  @inlinable @inline(__always)
  init(at pointer: UnsafePointer<Int32>) {
    let raw = UnsafeRawPointer(pointer)
    left = raw.loadUnaligned(as: Instructions.Sums.self)
    right = raw.loadUnaligned(
      fromByteOffset: MemoryLayout<Instructions.Sums>.size, as: Instructions.Sums.self)
  }

  /// Stores the sums as the given row of a tile.
  @inlinable @inline(__always)
  func store(to sums: UnsafeMutablePointer<Int32>, _ row: Int) {
    let raw = UnsafeMutableRawPointer(sums + row &* 2 &* Instructions.Sums.scalarCount)
    raw.storeBytes(of: left, as: Instructions.Sums.self)
    raw.storeBytes(of: right, toByteOffset: MemoryLayout<Instructions.Sums>.size, as: Instructions.Sums.self)
  }

  /// Adds the products of four activations.
  @inlinable @inline(__always)
  mutating func add(_ activations: UnsafeRawPointer, _ offset: Int, _ weights: IntegerTileRow) {
    let four = activations.loadUnaligned(fromByteOffset: offset, as: Int32.self)
    left = Instructions.adding(left, four, times: weights.left)
    right = Instructions.adding(right, four, times: weights.right)
  }
}

/// Requantization multipliers and offsets of a panel's columns.
@usableFromInline
struct RequantizationScales<Instructions: IntegerInstructions> {
  @usableFromInline let multipliers: TileRow<Instructions>
  @usableFromInline let offsets: TileRow<Instructions>

  @inlinable @inline(__always)
  init(at panel: UnsafePointer<Int32>) {
    self.init(at: panel, rowStride: 2 &* Instructions.Sums.scalarCount)
  }

  @inlinable @inline(__always)
  init(at panel: UnsafePointer<Int32>, rowStride: Int) {
    multipliers = TileRow(bitsAt: panel + rowStride)
    offsets = TileRow(bitsAt: panel + 2 &* rowStride)
  }
}

/// One column panel of a matrix product: C = activation(bias + A · B + residual), where B is `width` columns of a
/// layer's weight, packed as the bias and then one row for each element of the depth.
///
/// The whole depth is summed in registers, so C is written once, finished.
public struct GEMMMicroKernel {
  /// A (rows, depth), rows `aStride` apart.
  public var a: UnsafePointer<Float>
  public var aStride: Int
  public var rows: Int
  public var depth: Int
  /// (1 + depth, width of a panel), contiguous.
  public var panel: UnsafePointer<Float>
  /// C (rows, width of a panel), rows `cStride` apart.
  public var c: UnsafeMutablePointer<Float>
  public var cStride: Int
  /// Residual of C's shape; may be C; `nil` for none.
  public var residual: UnsafePointer<Float>?
  public var residualStride: Int
  /// Whether the result is max(C, 0).
  public var appliesReLU: Bool

  @inlinable
  public init(
    a: UnsafePointer<Float>, aStride: Int, rows: Int, depth: Int, panel: UnsafePointer<Float>,
    c: UnsafeMutablePointer<Float>, cStride: Int, residual: UnsafePointer<Float>? = nil, residualStride: Int = 0,
    appliesReLU: Bool = false
  ) {
    self.a = a
    self.aStride = aStride
    self.rows = rows
    self.depth = depth
    self.panel = panel
    self.c = c
    self.cStride = cStride
    self.residual = residual
    self.residualStride = residualStride
    self.appliesReLU = appliesReLU
  }

  /// All rows, in tiles of 12: their sums fill 24 registers.
  @inlinable @inline(__always)
  public func multiplyMR12<Instructions: VectorInstructions>(_: Instructions.Type) {
    var row = 0
    while row &+ 12 <= rows {
      tileMR12(row, Instructions.self)
      row &+= 12
    }
    finishRows(from: row, Instructions.self)
  }

  /// All rows, in tiles of 4: their sums fill 8 registers.
  @inlinable @inline(__always)
  public func multiplyMR4<Instructions: VectorInstructions>(_: Instructions.Type) {
    finishRows(from: 0, Instructions.self)
  }

  /// All rows, in tiles of 6: their sums fill 12 registers.
  @inlinable @inline(__always)
  public func multiplyMR6<Instructions: VectorInstructions>(_: Instructions.Type) {
    var row = 0
    while row &+ 6 <= rows {
      tileMR6(row, Instructions.self)
      row &+= 6
    }
    finishRows(from: row, Instructions.self)
  }

  @inlinable @inline(__always)
  func finishRows<Instructions: VectorInstructions>(from first: Int, _: Instructions.Type) {
    var row = first
    while row &+ 4 <= rows {
      tileMR4(row, Instructions.self)
      row &+= 4
    }
    while row < rows {
      tileMR1(row, Instructions.self)
      row &+= 1
    }
  }

  @inlinable @inline(__always)
  func tileMR12<Instructions: VectorInstructions>(_ row: Int, _: Instructions.Type) {
    var r0 = TileRow<Instructions>(at: panel)
    var (r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11) = (r0, r0, r0, r0, r0, r0, r0, r0, r0, r0, r0)
    var b = panel + 2 &* Instructions.Vector.scalarCount
    // Four pointers three rows apart reach twelve rows with the addressing that the processor has.
    var first = a + row &* aStride
    var (second, third, fourth) = (first + 3 &* aStride, first + 6 &* aStride, first + 9 &* aStride)
    let (one, two) = (aStride, 2 &* aStride)
    for _ in 0..<depth {
      let weights = TileRow<Instructions>(at: b)
      r0.add(first[0], weights, Instructions.self)
      r1.add(first[one], weights, Instructions.self)
      r2.add(first[two], weights, Instructions.self)
      r3.add(second[0], weights, Instructions.self)
      r4.add(second[one], weights, Instructions.self)
      r5.add(second[two], weights, Instructions.self)
      r6.add(third[0], weights, Instructions.self)
      r7.add(third[one], weights, Instructions.self)
      r8.add(third[two], weights, Instructions.self)
      r9.add(fourth[0], weights, Instructions.self)
      r10.add(fourth[one], weights, Instructions.self)
      r11.add(fourth[two], weights, Instructions.self)
      b += 2 &* Instructions.Vector.scalarCount
      first += 1
      second += 1
      third += 1
      fourth += 1
    }
    finish(r0, row)
    finish(r1, row &+ 1)
    finish(r2, row &+ 2)
    finish(r3, row &+ 3)
    finish(r4, row &+ 4)
    finish(r5, row &+ 5)
    finish(r6, row &+ 6)
    finish(r7, row &+ 7)
    finish(r8, row &+ 8)
    finish(r9, row &+ 9)
    finish(r10, row &+ 10)
    finish(r11, row &+ 11)
  }

  @inlinable @inline(__always)
  func tileMR6<Instructions: VectorInstructions>(_ row: Int, _: Instructions.Type) {
    var r0 = TileRow<Instructions>(at: panel)
    var (r1, r2, r3, r4, r5) = (r0, r0, r0, r0, r0)
    var b = panel + 2 &* Instructions.Vector.scalarCount
    var first = a + row &* aStride
    var second = first + 3 &* aStride
    let (one, two) = (aStride, 2 &* aStride)
    for _ in 0..<depth {
      let weights = TileRow<Instructions>(at: b)
      r0.add(first[0], weights, Instructions.self)
      r1.add(first[one], weights, Instructions.self)
      r2.add(first[two], weights, Instructions.self)
      r3.add(second[0], weights, Instructions.self)
      r4.add(second[one], weights, Instructions.self)
      r5.add(second[two], weights, Instructions.self)
      b += 2 &* Instructions.Vector.scalarCount
      first += 1
      second += 1
    }
    finish(r0, row)
    finish(r1, row &+ 1)
    finish(r2, row &+ 2)
    finish(r3, row &+ 3)
    finish(r4, row &+ 4)
    finish(r5, row &+ 5)
  }

  @inlinable @inline(__always)
  func tileMR4<Instructions: VectorInstructions>(_ row: Int, _: Instructions.Type) {
    var r0 = TileRow<Instructions>(at: panel)
    var (r1, r2, r3) = (r0, r0, r0)
    var b = panel + 2 &* Instructions.Vector.scalarCount
    var first = a + row &* aStride
    let (one, two, three) = (aStride, 2 &* aStride, 3 &* aStride)
    for _ in 0..<depth {
      let weights = TileRow<Instructions>(at: b)
      r0.add(first[0], weights, Instructions.self)
      r1.add(first[one], weights, Instructions.self)
      r2.add(first[two], weights, Instructions.self)
      r3.add(first[three], weights, Instructions.self)
      b += 2 &* Instructions.Vector.scalarCount
      first += 1
    }
    finish(r0, row)
    finish(r1, row &+ 1)
    finish(r2, row &+ 2)
    finish(r3, row &+ 3)
  }

  @inlinable @inline(__always)
  func tileMR1<Instructions: VectorInstructions>(_ row: Int, _: Instructions.Type) {
    var sums = TileRow<Instructions>(at: panel)
    var b = panel + 2 &* Instructions.Vector.scalarCount
    let values = a + row &* aStride
    for index in 0..<depth {
      sums.add(values[index], TileRow(at: b), Instructions.self)
      b += 2 &* Instructions.Vector.scalarCount
    }
    finish(sums, row)
  }

  /// Adds the residual, applies the activation, and writes one row of C.
  @inlinable @inline(__always)
  func finish<Instructions>(_ sums: TileRow<Instructions>, _ row: Int) {
    var result = sums
    if let residual { result.add(TileRow(at: residual + row &* residualStride)) }
    if appliesReLU { result.applyReLU() }
    result.store(to: c + row &* cStride)
  }
}

/// One row of a tile: two vectors side by side.
public struct TileRow<Instructions: VectorInstructions> {
  @usableFromInline var left: Instructions.Vector
  @usableFromInline var right: Instructions.Vector

  @inlinable @inline(__always)
  init(at pointer: UnsafePointer<Float>) {
    left = Instructions.Vector(at: pointer)
    right = Instructions.Vector(at: pointer + Instructions.Vector.scalarCount)
  }

  @inlinable @inline(__always)
  init(bitsAt pointer: UnsafePointer<Int32>) {
    left = Instructions.Vector(bitsAt: pointer)
    right = Instructions.Vector(bitsAt: pointer + Instructions.Vector.scalarCount)
  }

  @inlinable @inline(__always)
  mutating func add(_ value: Float, _ weights: TileRow, _: Instructions.Type) {
    let values = Instructions.Vector(repeating: value)
    left = left.adding(values, times: weights.left, Instructions.self)
    right = right.adding(values, times: weights.right, Instructions.self)
  }

  @inlinable @inline(__always)
  mutating func add(_ other: TileRow) {
    left += other.left
    right += other.right
  }

  @inlinable @inline(__always)
  mutating func applyReLU() {
    left = left.relu
    right = right.relu
  }

  @inlinable @inline(__always)
  func store(to pointer: UnsafeMutablePointer<Float>) {
    left.store(to: pointer)
    right.store(to: pointer + Instructions.Vector.scalarCount)
  }
}

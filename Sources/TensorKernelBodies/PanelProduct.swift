/// One column panel of a matrix product: C = activation(bias + A · B + residual), where B is `width` columns of a
/// layer's weight, packed as the bias and then one row for each element of the depth.
///
/// The whole depth is summed in registers, so C is written once, finished.
public struct PanelProduct {
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
  /// Of C's size; may be C. Nil for none.
  public var residual: UnsafePointer<Float>?
  public var residualStride: Int
  /// Whether what is negative becomes 0.
  public var rectifies: Bool

  @inlinable
  public init(
    a: UnsafePointer<Float>, aStride: Int, rows: Int, depth: Int, panel: UnsafePointer<Float>,
    c: UnsafeMutablePointer<Float>, cStride: Int, residual: UnsafePointer<Float>? = nil, residualStride: Int = 0,
    rectifies: Bool = false
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
    self.rectifies = rectifies
  }

  /// All rows, in tiles of 12: their sums fill 24 registers.
  @inlinable @inline(__always)
  public func multiplyTilesOf12<Vector: FloatVector>(as: Vector.Type, fused: Bool) {
    var row = 0
    while row &+ 12 <= rows {
      tile12(row, as: Vector.self, fused: fused)
      row &+= 12
    }
    finishRows(from: row, as: Vector.self, fused: fused)
  }

  /// All rows, in tiles of 4: their sums fill 8 registers.
  @inlinable @inline(__always)
  public func multiplyTilesOf4<Vector: FloatVector>(as: Vector.Type, fused: Bool) {
    finishRows(from: 0, as: Vector.self, fused: fused)
  }

  /// All rows, in tiles of 6: their sums fill 12 registers.
  @inlinable @inline(__always)
  public func multiplyTilesOf6<Vector: FloatVector>(as: Vector.Type, fused: Bool) {
    var row = 0
    while row &+ 6 <= rows {
      tile6(row, as: Vector.self, fused: fused)
      row &+= 6
    }
    finishRows(from: row, as: Vector.self, fused: fused)
  }

  @inlinable @inline(__always)
  func finishRows<Vector: FloatVector>(from first: Int, as: Vector.Type, fused: Bool) {
    var row = first
    while row &+ 4 <= rows {
      tile4(row, as: Vector.self, fused: fused)
      row &+= 4
    }
    while row < rows {
      tile1(row, as: Vector.self, fused: fused)
      row &+= 1
    }
  }

  @inlinable @inline(__always)
  func tile12<Vector: FloatVector>(_ row: Int, as: Vector.Type, fused: Bool) {
    var r0 = TileRow<Vector>(at: panel)
    var (r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11) = (r0, r0, r0, r0, r0, r0, r0, r0, r0, r0, r0)
    var b = panel + 2 &* Vector.scalarCount
    // Four pointers three rows apart reach twelve rows with the addressing that the processor has.
    var first = a + row &* aStride
    var (second, third, fourth) = (first + 3 &* aStride, first + 6 &* aStride, first + 9 &* aStride)
    let (one, two) = (aStride, 2 &* aStride)
    for _ in 0..<depth {
      let weights = TileRow<Vector>(at: b)
      r0.add(first[0], weights, fused)
      r1.add(first[one], weights, fused)
      r2.add(first[two], weights, fused)
      r3.add(second[0], weights, fused)
      r4.add(second[one], weights, fused)
      r5.add(second[two], weights, fused)
      r6.add(third[0], weights, fused)
      r7.add(third[one], weights, fused)
      r8.add(third[two], weights, fused)
      r9.add(fourth[0], weights, fused)
      r10.add(fourth[one], weights, fused)
      r11.add(fourth[two], weights, fused)
      b += 2 &* Vector.scalarCount
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
  func tile6<Vector: FloatVector>(_ row: Int, as: Vector.Type, fused: Bool) {
    var r0 = TileRow<Vector>(at: panel)
    var (r1, r2, r3, r4, r5) = (r0, r0, r0, r0, r0)
    var b = panel + 2 &* Vector.scalarCount
    var first = a + row &* aStride
    var second = first + 3 &* aStride
    let (one, two) = (aStride, 2 &* aStride)
    for _ in 0..<depth {
      let weights = TileRow<Vector>(at: b)
      r0.add(first[0], weights, fused)
      r1.add(first[one], weights, fused)
      r2.add(first[two], weights, fused)
      r3.add(second[0], weights, fused)
      r4.add(second[one], weights, fused)
      r5.add(second[two], weights, fused)
      b += 2 &* Vector.scalarCount
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
  func tile4<Vector: FloatVector>(_ row: Int, as: Vector.Type, fused: Bool) {
    var r0 = TileRow<Vector>(at: panel)
    var (r1, r2, r3) = (r0, r0, r0)
    var b = panel + 2 &* Vector.scalarCount
    var first = a + row &* aStride
    let (one, two, three) = (aStride, 2 &* aStride, 3 &* aStride)
    for _ in 0..<depth {
      let weights = TileRow<Vector>(at: b)
      r0.add(first[0], weights, fused)
      r1.add(first[one], weights, fused)
      r2.add(first[two], weights, fused)
      r3.add(first[three], weights, fused)
      b += 2 &* Vector.scalarCount
      first += 1
    }
    finish(r0, row)
    finish(r1, row &+ 1)
    finish(r2, row &+ 2)
    finish(r3, row &+ 3)
  }

  @inlinable @inline(__always)
  func tile1<Vector: FloatVector>(_ row: Int, as: Vector.Type, fused: Bool) {
    var sums = TileRow<Vector>(at: panel)
    var b = panel + 2 &* Vector.scalarCount
    let values = a + row &* aStride
    for index in 0..<depth {
      sums.add(values[index], TileRow(at: b), fused)
      b += 2 &* Vector.scalarCount
    }
    finish(sums, row)
  }

  /// Adds the residual, applies the activation, and writes one row of C.
  @inlinable @inline(__always)
  func finish<Vector>(_ sums: TileRow<Vector>, _ row: Int) {
    var result = sums
    if let residual { result.add(TileRow(at: residual + row &* residualStride)) }
    if rectifies { result.rectify() }
    result.store(to: c + row &* cStride)
  }
}

/// One row of a tile: two vectors side by side.
public struct TileRow<Vector: FloatVector> {
  @usableFromInline var left: Vector
  @usableFromInline var right: Vector

  @inlinable @inline(__always)
  init(at pointer: UnsafePointer<Float>) {
    left = Vector(at: pointer)
    right = Vector(at: pointer + Vector.scalarCount)
  }

  @inlinable @inline(__always)
  mutating func add(_ value: Float, _ weights: TileRow, _ fused: Bool) {
    let values = Vector(repeating: value)
    left = left.adding(values, times: weights.left, fused: fused)
    right = right.adding(values, times: weights.right, fused: fused)
  }

  @inlinable @inline(__always)
  mutating func add(_ other: TileRow) {
    left += other.left
    right += other.right
  }

  @inlinable @inline(__always)
  mutating func rectify() {
    left = left.rectified
    right = right.rectified
  }

  @inlinable @inline(__always)
  func store(to pointer: UnsafeMutablePointer<Float>) {
    left.store(to: pointer)
    right.store(to: pointer + Vector.scalarCount)
  }
}

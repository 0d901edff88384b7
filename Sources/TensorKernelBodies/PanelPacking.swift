/// Packs activations into one panel of a `GEMMMicroKernel`'s right operand: zeros where a layer has its bias, then a row
/// for each element of the depth.
public struct PanelPacking {
  /// The matrix's first element that goes into the panel.
  public var source: UnsafePointer<Float>
  /// Elements from one row of the matrix to the next.
  public var stride: Int
  public var depth: Int
  /// Columns to pack, at most the panel's width; the others are zeros.
  public var columns: Int
  /// (1 + depth, width of a panel).
  public var panel: UnsafeMutablePointer<Float>

  @inlinable
  public init(
    source: UnsafePointer<Float>, stride: Int, depth: Int, columns: Int, panel: UnsafeMutablePointer<Float>
  ) {
    self.source = source
    self.stride = stride
    self.depth = depth
    self.columns = columns
    self.panel = panel
  }

  /// The panel's columns are the matrix's.
  @inlinable @inline(__always)
  public func copy<Instructions: VectorInstructions>(_: Instructions.Type) {
    let half = Instructions.Vector.scalarCount
    let width = 2 &* half
    clearRow(0, Instructions.self)
    var (from, to) = (source, panel + width)
    for row in 0..<depth {
      if columns == width {
        Instructions.Vector(at: from).store(to: to)
        Instructions.Vector(at: from + half).store(to: to + half)
      } else {
        clearRow(row &+ 1, Instructions.self)
        for column in 0..<columns { to[column] = from[column] }
      }
      from += stride
      to += width
    }
  }

  /// The panel's columns are the matrix's rows.
  @inlinable @inline(__always)
  public func transpose<Instructions: VectorInstructions>(_: Instructions.Type) {
    let width = 2 &* Instructions.Vector.scalarCount
    if columns < width {
      for row in 0...depth { clearRow(row, Instructions.self) }
    } else {
      clearRow(0, Instructions.self)
    }
    var column = 0
    while column &+ 4 <= columns {
      transposeFour(column, width: width)
      column &+= 4
    }
    while column < columns {
      let from = source + column &* stride
      for index in 0..<depth { panel[(index &+ 1) &* width &+ column] = from[index] }
      column &+= 1
    }
  }

  /// Four of the matrix's rows, four elements of the depth at a time.
  @inlinable @inline(__always)
  func transposeFour(_ column: Int, width: Int) {
    let first = source + column &* stride
    let (second, third, fourth) = (first + stride, first + 2 &* stride, first + 3 &* stride)
    var to = panel + (width &+ column)
    var index = 0
    while index &+ 4 <= depth {
      let (a, b) = (first.load4(index), second.load4(index))
      let (c, d) = (third.load4(index), fourth.load4(index))
      let (ab, cd) = (SIMD4(a.x, b.x, a.y, b.y), SIMD4(c.x, d.x, c.y, d.y))
      let (abEnd, cdEnd) = (SIMD4(a.z, b.z, a.w, b.w), SIMD4(c.z, d.z, c.w, d.w))
      to.store(SIMD4(lowHalf: ab.lowHalf, highHalf: cd.lowHalf))
      to.store(SIMD4(lowHalf: ab.highHalf, highHalf: cd.highHalf), width)
      to.store(SIMD4(lowHalf: abEnd.lowHalf, highHalf: cdEnd.lowHalf), 2 &* width)
      to.store(SIMD4(lowHalf: abEnd.highHalf, highHalf: cdEnd.highHalf), 3 &* width)
      to += 4 &* width
      index &+= 4
    }
    while index < depth {
      to.store(SIMD4(first[index], second[index], third[index], fourth[index]))
      to += width
      index &+= 1
    }
  }

  @inlinable @inline(__always)
  func clearRow<Instructions: VectorInstructions>(_ index: Int, _: Instructions.Type) {
    let half = Instructions.Vector.scalarCount
    let row = panel + 2 &* half &* index
    Instructions.Vector(repeating: 0).store(to: row)
    Instructions.Vector(repeating: 0).store(to: row + half)
  }
}

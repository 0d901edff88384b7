/// Epilogue of an `IntegerGEMMMicroKernel`: y = max(sum · multiplier + offset + residual, lowest), stored as fp32 or
/// requantized to uint8.
///
/// The multiplications and additions are rounded one by one on every processor.
public struct RequantizationEpilogue {
  public enum Kind {
    case floats
    /// Requantized: rounded to the nearest integer, at most 255. The residual, uint8 too, is multiplied by
    /// `residualMultiplier`.
    case bytes
  }

  public var kind: Kind
  /// Element (0, 0).
  public var base: UnsafeMutableRawPointer
  /// Elements from one row to the next.
  public var stride: Int
  /// Lower bound of the result: 0 or the zero point for ReLU, −∞ for fp32 without an activation.
  public var lowest: Float
  /// Residual of the same kind; may be the result itself; `nil` for none.
  public var residual: UnsafeRawPointer?
  public var residualStride: Int
  public var residualMultiplier: Float

  @inlinable
  public init(
    kind: Kind, base: UnsafeMutableRawPointer, stride: Int, lowest: Float, residual: UnsafeRawPointer? = nil,
    residualStride: Int = 0, residualMultiplier: Float = 1
  ) {
    self.kind = kind
    self.base = base
    self.stride = stride
    self.lowest = lowest
    self.residual = residual
    self.residualStride = residualStride
    self.residualMultiplier = residualMultiplier
  }

  /// Bytes of an element.
  @inlinable
  public var elementSize: Int { kind == .floats ? 4 : 1 }

  /// The same from another place on.
  @inlinable
  public func advanced(rows: Int, columns: Int = 0) -> RequantizationEpilogue {
    var result = self
    result.base += (rows &* stride &+ columns) &* elementSize
    result.residual = residual.map { $0 + (rows &* residualStride &+ columns) &* elementSize }
    return result
  }

  /// Makes numbers of the sums of some rows: two vectors of columns, (rows, columns).
  ///
  /// - Parameter head: The panel's initial sums, multipliers and offsets for these columns, rows `headStride` apart: see
  ///   `IntegerGEMMMicroKernel.panel`.
  @inlinable @inline(__always)
  public func finish<Instructions: IntegerInstructions>(
    _ sums: UnsafePointer<Int32>, _ rows: Range<Int>, head: UnsafePointer<Int32>, headStride: Int, _: Instructions.Type
  ) {
    finish(sums, rows, RequantizationScales<Instructions>(at: head, rowStride: headStride))
  }

  @inlinable @inline(__always)
  func finish<Instructions: IntegerInstructions>(
    _ sums: UnsafePointer<Int32>, _ rows: Range<Int>, _ scaling: RequantizationScales<Instructions>
  ) {
    let lanes = Instructions.Sums.scalarCount
    switch (kind, residual) {
    case (.bytes, nil):
      forEachRow(sums, rows, scaling) { row, left, right in
        let target = base.assumingMemoryBound(to: UInt8.self) + row &* stride
        Instructions.store(left, right, lowest: lowest, to: target)
      }
    case (.bytes, let residual?):
      let factor = Instructions.Vector(repeating: residualMultiplier)
      forEachRow(sums, rows, scaling) { row, left, right in
        let target = base.assumingMemoryBound(to: UInt8.self) + row &* stride
        let bytes = residual.assumingMemoryBound(to: UInt8.self) + row &* residualStride
        let (first, second) = (Instructions.floats(at: bytes), Instructions.floats(at: bytes + lanes))
        Instructions.store(left + first * factor, right + second * factor, lowest: lowest, to: target)
      }
    case (.floats, nil):
      forEachRow(sums, rows, scaling) { row, left, right in
        let target = base.assumingMemoryBound(to: Float.self) + row &* stride
        left.pointwiseMax(lowest).store(to: target)
        right.pointwiseMax(lowest).store(to: target + lanes)
      }
    case (.floats, let residual?):
      forEachRow(sums, rows, scaling) { row, left, right in
        let target = base.assumingMemoryBound(to: Float.self) + row &* stride
        let floats = residual.assumingMemoryBound(to: Float.self) + row &* residualStride
        let (first, second) = (Instructions.Vector(at: floats), Instructions.Vector(at: floats + lanes))
        (left + first).pointwiseMax(lowest).store(to: target)
        (right + second).pointwiseMax(lowest).store(to: target + lanes)
      }
    }
  }

  @inlinable @inline(__always)
  func forEachRow<Instructions: IntegerInstructions>(
    _ sums: UnsafePointer<Int32>, _ rows: Range<Int>, _ scaling: RequantizationScales<Instructions>,
    _ body: (_ row: Int, _ left: Instructions.Vector, _ right: Instructions.Vector) -> Void
  ) {
    var sums = sums
    var row = rows.lowerBound
    while row < rows.upperBound {
      let integers = IntegerTileRow<Instructions>(at: sums)
      body(
        row, Instructions.floats(integers.left) * scaling.multipliers.left + scaling.offsets.left,
        Instructions.floats(integers.right) * scaling.multipliers.right + scaling.offsets.right)
      sums += 2 &* Instructions.Sums.scalarCount
      row &+= 1
    }
  }
}

/// Where the sums of an `IntegerPanelProduct` go: y = max(sum · multiplier + offset + residual, lowest), as floats or as
/// bytes.
///
/// The multiplications and additions are rounded one by one on every processor.
public struct IntegerResult {
  public enum Kind {
    case floats
    /// Rounded to the nearest integer, at most 255. The residual, bytes too, is multiplied by `residualMultiplier`.
    case bytes
  }

  public var kind: Kind
  /// Element (0, 0).
  public var base: UnsafeMutableRawPointer
  /// Elements from one row to the next.
  public var stride: Int
  /// What is less becomes this; −∞ for floats without an activation.
  public var lowest: Float
  /// Elements of the same kind; may be the result's own. Nil for none.
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
  public func advanced(rows: Int, columns: Int = 0) -> IntegerResult {
    var result = self
    result.base += (rows &* stride &+ columns) &* elementSize
    result.residual = residual.map { $0 + (rows &* residualStride &+ columns) &* elementSize }
    return result
  }

  @inlinable @inline(__always)
  func finish<Instructions: IntegerInstructions>(
    _ sums: IntegerTileRow<Instructions>, _ row: Int, _ scaling: IntegerScaling<Instructions>
  ) {
    let left = Instructions.floats(sums.left) * scaling.multipliers.left + scaling.offsets.left
    let right = Instructions.floats(sums.right) * scaling.multipliers.right + scaling.offsets.right
    let lanes = Instructions.Sums.scalarCount
    switch kind {
    case .bytes:
      let target = base.assumingMemoryBound(to: UInt8.self) + row &* stride
      guard let residual else {
        Instructions.store(left, lowest: lowest, to: target)
        return Instructions.store(right, lowest: lowest, to: target + lanes)
      }
      let factor = Instructions.Vector(repeating: residualMultiplier)
      let bytes = residual.assumingMemoryBound(to: UInt8.self) + row &* residualStride
      Instructions.store(left + Instructions.floats(at: bytes) * factor, lowest: lowest, to: target)
      Instructions.store(
        right + Instructions.floats(at: bytes + lanes) * factor, lowest: lowest, to: target + lanes)
    case .floats:
      let target = base.assumingMemoryBound(to: Float.self) + row &* stride
      guard let residual else {
        left.raised(to: lowest).store(to: target)
        return right.raised(to: lowest).store(to: target + lanes)
      }
      let floats = residual.assumingMemoryBound(to: Float.self) + row &* residualStride
      (left + Instructions.Vector(at: floats)).raised(to: lowest).store(to: target)
      (right + Instructions.Vector(at: floats + lanes)).raised(to: lowest).store(to: target + lanes)
    }
  }
}

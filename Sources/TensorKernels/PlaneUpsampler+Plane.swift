package import TensorCore

/// A plane of values on a coarse grid: one of several that share their memory, which it keeps alive.
package struct CoarsePlane: Sendable {
  private let values: Constant<Float>
  private let offset: Int

  /// - Parameters:
  ///   - values: Values of all planes.
  ///   - offset: Index in `values` of the plane's first value; rows are contiguous.
  package init(_ values: Constant<Float>, at offset: Int = 0) {
    precondition(offset >= 0 && offset <= values.count, "a plane lies within its values")
    self.values = values
    self.offset = offset
  }

  /// Number of values from the plane's start on.
  package var count: Int { values.count - offset }

  /// Valid as long as this value lives.
  var pointer: UnsafePointer<Float> { values.pointer + offset }

  /// Hands out the plane's values and those behind them, which must not be used after `body` returns.
  func withValues<Result>(_ body: (UnsafePointer<Float>) -> Result) -> Result {
    withExtendedLifetime(values) { body(pointer) }
  }
}

import TensorKernelBodies

/// What `BandResampler` needs to know of both sizes, and whether it can do with them.
struct BandPlan {
  let rowTaps: GroupedTaps
  let columnTaps: ResampleTaps
  let kernels: ResampleKernels
  let outputRowBytes: Int
  /// Bytes of a row between the axes: whole groups, and the four bytes behind them.
  let lineBytes: Int
  /// Such rows that a column has taps for.
  let lines: Int

  /// More would not stay in cache.
  private static let mostBytes = 1 << 20

  /// Pixels in a row, so that offsets within it are small numbers.
  private static let widest = 1 << 24

  /// Nil where the result is narrower than a vector, or a column takes so many rows that one axis after the other is as
  /// fast.
  init?(from source: (width: Int, height: Int), to target: (width: Int, height: Int), _ kernels: ResampleKernels) {
    guard source.width <= Self.widest, target.width <= Self.widest else { return nil }
    rowTaps = GroupedTaps(ResampleTaps(from: source.width, to: target.width), groupSize: kernels.groupSize)
    columnTaps = ResampleTaps(from: source.height, to: target.height)
    self.kernels = kernels
    outputRowBytes = 3 * target.width
    lineBytes = (3 * rowTaps.groups * kernels.groupSize + 4 + 63) / 64 * 64
    lines = columnTaps.windows.reduce(1) { max($0, $1.count) }
    guard outputRowBytes >= ColumnResampling.block, lines * lineBytes <= Self.mostBytes else { return nil }
  }
}

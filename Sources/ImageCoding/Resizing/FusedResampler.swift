import TensorCore
import TensorKernelBodies

/// Both passes in one, row by row: as many horizontally resampled rows as a vertical window spans are kept in a ring
/// buffer that stays in cache, and no intermediate image exists.
struct FusedResampler: Sendable {
  /// Weights and sizes of the ring buffer for one pair of image sizes.
  struct Plan {
    let horizontalWeights: PackedInterpolationWeights
    let verticalWeights: InterpolationWeights
    let kernels: ResampleKernels
    let outputRowBytes: Int
    /// Bytes of a row of the ring buffer: whole groups of pixels, and the four bytes that the kernel writes behind them.
    let lineBytes: Int
    /// Rows of the ring buffer: the longest vertical window.
    let lines: Int

    /// Largest ring buffer; a larger one would not stay in cache.
    private static let maximumRingBytes = 1 << 20

    /// Most pixels in a row, so that byte offsets within it fit 32 bits.
    private static let maximumWidth = 1 << 24

    /// `nil` where the result is narrower than a vector, or a vertical window spans so many rows that separate passes are
    /// as fast.
    init?(from source: (width: Int, height: Int), to target: (width: Int, height: Int), _ kernels: ResampleKernels) {
      guard source.width <= Self.maximumWidth, target.width <= Self.maximumWidth else { return nil }
      horizontalWeights = PackedInterpolationWeights(
        InterpolationWeights(from: source.width, to: target.width), groupSize: kernels.groupSize)
      verticalWeights = InterpolationWeights(from: source.height, to: target.height)
      self.kernels = kernels
      outputRowBytes = 3 * target.width
      lineBytes = (3 * horizontalWeights.groups * kernels.groupSize + 4 + 63) / 64 * 64
      lines = verticalWeights.windows.reduce(1) { max($0, $1.count) }
      guard outputRowBytes >= ColumnResampling.block, lines * lineBytes <= Self.maximumRingBytes else { return nil }
    }
  }

  let plan: Plan
  /// Only read.
  nonisolated(unsafe) let input: UnsafeBufferPointer<UInt8>
  let inputRowBytes: Int
  let output: DisjointBuffer<UInt8>

  /// Computes the given rows of the output.
  func resample(_ range: Range<Int>) {
    let (lines, lineBytes) = (plan.lines, plan.lineBytes)
    let ringBytes = lines * lineBytes
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: ringBytes + plan.horizontalWeights.reach) { bytes in
      withUnsafeTemporaryAllocation(of: UnsafePointer<UInt8>.self, capacity: lines) { rows in
        guard let ring = bytes.baseAddress else { return }
        var next = 0
        for y in range {
          let window = plan.verticalWeights.windows[y]
          next = max(next, window.start)
          while next < window.start + window.count {
            resampleRow(next, to: ring + next % lines * lineBytes, scratch: ring + ringBytes)
            next += 1
          }
          for tap in 0..<window.count { rows[tap] = UnsafePointer(ring + (window.start + tap) % lines * lineBytes) }
          combineRows(window, UnsafeBufferPointer(rows), to: y)
        }
      }
    }
  }

  /// - Parameter scratch: Buffer of `reach` bytes for a copy of the last rows, where the kernel would read beyond the
  ///   end of the image.
  private func resampleRow(_ y: Int, to line: UnsafeMutablePointer<UInt8>, scratch: UnsafeMutablePointer<UInt8>) {
    guard let base = input.baseAddress else { return }
    let weights = plan.horizontalWeights
    let start = y * inputRowBytes
    var source = base + start
    if start + weights.reach > input.count {
      scratch.update(repeating: 0, count: weights.reach)
      scratch.update(from: source, count: inputRowBytes)
      source = UnsafePointer(scratch)
    }
    weights.offsets.withUnsafeBufferPointer { offsets in
      weights.values.withUnsafeBufferPointer { values in
        guard let offsets = offsets.baseAddress, let values = values.baseAddress else { return }
        plan.kernels.row(
          RowResampling(
            source: source, offsets: offsets, weights: values, taps: weights.taps, groups: weights.groups, output: line)
        )
      }
    }
  }

  private func combineRows(
    _ window: InterpolationWeights.Window, _ rows: UnsafeBufferPointer<UnsafePointer<UInt8>>, to y: Int
  ) {
    guard let rows = rows.baseAddress else { return }
    plan.verticalWeights.withUnsafePointers { _, values in
      plan.kernels.columns(
        ColumnResampling(
          rows: rows, weights: values + window.offset, taps: window.count,
          output: output.pointer(to: y * plan.outputRowBytes),
          count: plan.outputRowBytes))
    }
  }
}

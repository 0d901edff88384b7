import TensorKernelBodies

/// Resamples both axes at once, rows first: as many resampled rows as a column has taps stay in cache, and the picture
/// between the two axes never exists.
struct BandResampler {
  let plan: BandPlan
  let input: UnsafeBufferPointer<UInt8>
  let inputRowBytes: Int
  let output: UnsafeMutableBufferPointer<UInt8>

  /// Makes the output's rows of the given range.
  func resample(_ range: Range<Int>) {
    let (lines, lineBytes) = (plan.lines, plan.lineBytes)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: lines * lineBytes + plan.rowTaps.reach) { bytes in
      withUnsafeTemporaryAllocation(of: UnsafePointer<UInt8>.self, capacity: lines) { rows in
        guard let ring = bytes.baseAddress else { return }
        var next = 0
        for y in range {
          let window = plan.columnTaps.windows[y]
          next = max(next, window.start)
          while next < window.start + window.count {
            resampleRow(next, to: ring + next % lines * lineBytes, copy: ring + lines * lineBytes)
            next += 1
          }
          for tap in 0..<window.count { rows[tap] = UnsafePointer(ring + (window.start + tap) % lines * lineBytes) }
          resampleColumns(window, UnsafeBufferPointer(rows), to: y)
        }
      }
    }
  }

  /// - Parameter copy: Room for a row whose end is the picture's, behind which nothing must be read.
  private func resampleRow(_ y: Int, to line: UnsafeMutablePointer<UInt8>, copy: UnsafeMutablePointer<UInt8>) {
    guard let base = input.baseAddress else { return }
    let taps = plan.rowTaps
    let start = y * inputRowBytes
    var source = base + start
    if start + taps.reach > input.count {
      copy.update(repeating: 0, count: taps.reach)
      copy.update(from: source, count: inputRowBytes)
      source = UnsafePointer(copy)
    }
    taps.offsets.withUnsafeBufferPointer { offsets in
      taps.weights.withUnsafeBufferPointer { weights in
        guard let offsets = offsets.baseAddress, let weights = weights.baseAddress else { return }
        plan.kernels.row(
          RowResampling(
            source: source, offsets: offsets, weights: weights, taps: taps.taps, groups: taps.groups, output: line))
      }
    }
  }

  private func resampleColumns(
    _ window: ResampleTaps.Window, _ rows: UnsafeBufferPointer<UnsafePointer<UInt8>>, to y: Int
  ) {
    guard let rows = rows.baseAddress, let output = output.baseAddress else { return }
    plan.columnTaps.withUnsafePointers { _, weights in
      plan.kernels.columns(
        ColumnResampling(
          rows: rows, weights: weights + window.offset, taps: window.count, output: output + y * plan.outputRowBytes,
          count: plan.outputRowBytes))
    }
  }
}

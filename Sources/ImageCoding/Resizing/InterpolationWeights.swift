/// Interpolation weights along one axis: for every output position the window of input positions that it averages, and
/// a weight for each.
///
/// The filter is a triangle whose half-width is the distance between output positions in input pixels, at least 1, so
/// that downsampling is antialiased. Windows and weights, rounded to 22 fraction bits, equal those of Pillow's `BILINEAR`
/// (`precompute_coeffs` and `normalize_coeffs_8bpc` in its `Resample.c`) bit for bit.
struct InterpolationWeights {
  /// Fraction bits of a weight.
  static let fractionBits = 22

  /// The input positions that contribute to one output position.
  struct Window {
    /// The first input position.
    let start: Int
    /// Number of input positions, each of which has a weight.
    let count: Int
    /// Index of the window's first weight in `values`.
    let offset: Int
  }

  /// A window for each output position.
  private(set) var windows: [Window] = []
  /// The weights of all windows, not negative; those of one window sum to 2²² up to rounding.
  private(set) var values: [UInt32] = []

  /// - Precondition: Both sizes are at least 1.
  init(from inputSize: Int, to outputSize: Int) {
    let scale = Double(inputSize) / Double(outputSize)
    let support = max(scale, 1)
    windows.reserveCapacity(outputSize)
    var heights: [Double] = []
    for position in 0..<outputSize {
      let center = (Double(position) + 0.5) * scale
      let start = max(Int(center - support + 0.5), 0)
      let end = max(min(Int(center + support + 0.5), inputSize), start)
      heights.removeAll(keepingCapacity: true)
      for index in start..<end {
        // Pillow's order of operations; another order rounds differently.
        let distance = abs((Double(index) - center + 0.5) * (1 / support))
        heights.append(distance < 1 ? 1 - distance : 0)
      }
      windows.append(Window(start: start, count: end - start, offset: values.count))
      let sum = heights.reduce(0, +)
      for height in heights {
        values.append(UInt32(0.5 + (sum == 0 ? height : height / sum) * Double(1 << Self.fractionBits)))
      }
    }
  }

  /// Calls `body` with pointers to windows and weights, which are valid during the call.
  func withUnsafePointers(
    _ body: (_ windows: UnsafeBufferPointer<Window>, _ values: UnsafePointer<UInt32>) -> Void
  ) {
    windows.withUnsafeBufferPointer { windows in
      values.withUnsafeBufferPointer { values in
        if let values = values.baseAddress { body(windows, values) }
      }
    }
  }
}

/// The interpolation weights of a horizontal pass, packed for `RowResampling`: output pixels in groups that fill a vector,
/// and equally many weights for each, a multiple of 4, filled up with zeros.
struct PackedInterpolationWeights {
  /// Bytes from the row's start to the first input pixel of each output pixel; shape (groups × pixels of a group).
  let offsets: [Int32]
  /// Shape (groups, taps / 4, pixels of a group, 4).
  let values: [UInt32]
  /// Weights of each output pixel.
  let taps: Int
  /// Groups of output pixels.
  let groups: Int
  /// Number of bytes that the kernel reads, counted from the row's start; those beyond the row have zero weights.
  let reach: Int

  init(_ weights: InterpolationWeights, groupSize: Int) {
    let longest = weights.windows.reduce(0) { max($0, $1.count) }
    taps = (longest + 3) / 4 * 4
    groups = (weights.windows.count + groupSize - 1) / groupSize
    var offsets = [Int32](repeating: 0, count: groups * groupSize)
    var values = [UInt32](repeating: 0, count: groups * groupSize * taps)
    for (position, window) in weights.windows.enumerated() {
      offsets[position] = Int32(3 * window.start)
      let (group, member) = (position / groupSize, position % groupSize)
      for tap in 0..<window.count {
        let quad = (group * (taps / 4) + tap / 4) * groupSize + member
        values[quad * 4 + tap % 4] = weights.values[window.offset + tap]
      }
    }
    self.offsets = offsets
    self.values = values
    reach = Int(offsets.max() ?? 0) + 3 * taps + 4
  }
}

/// The taps along a row in the order in which `RowResampling` wants them.
struct GroupedTaps {
  /// Bytes from the row's start to the first tap of each output pixel, whole groups.
  let offsets: [Int32]
  /// Axes (groups, taps / 4, output pixels of a group, 4 taps).
  let weights: [UInt32]
  let taps: Int
  let groups: Int
  /// How far from a row's start bytes are read; all beyond the row count nothing.
  let reach: Int

  init(_ plain: ResampleTaps, groupSize: Int) {
    let longest = plain.windows.reduce(0) { max($0, $1.count) }
    taps = (longest + 3) / 4 * 4
    groups = (plain.windows.count + groupSize - 1) / groupSize
    var offsets = [Int32](repeating: 0, count: groups * groupSize)
    var weights = [UInt32](repeating: 0, count: groups * groupSize * taps)
    for (position, window) in plain.windows.enumerated() {
      offsets[position] = Int32(3 * window.start)
      let (group, member) = (position / groupSize, position % groupSize)
      for tap in 0..<window.count {
        let place = (group * (taps / 4) + tap / 4) * groupSize + member
        weights[place * 4 + tap % 4] = plain.weights[window.offset + tap]
      }
    }
    self.offsets = offsets
    self.weights = weights
    reach = Int(offsets.max() ?? 0) + 3 * taps + 4
  }
}

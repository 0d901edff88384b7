import TensorCore

/// Samples the pyramid for one query after another, with scratch of its thread's own.
///
/// For each head it lists the pixels to read and their weights first, out-of-range ones left out, and then sums them
/// over the head's channels, as wide as those go.
struct DeformableSampler {
  private let value: Matrix
  private let levels: UnsafeBufferPointer<LevelShape>
  private let heads: Int
  private let points: Int
  /// Attention weights of the samples, in whole vectors.
  private let weights: UnsafeMutablePointer<Float>
  /// The listed pixels' weights: those of the corner times those of the sample.
  private let tapWeights: UnsafeMutablePointer<Float>
  /// The listed pixels' rows in `value`.
  private let tapRows: UnsafeMutablePointer<Int32>

  /// Floats of scratch for `samples` = levels · points.
  static func scratchSize(samples: Int) -> Int { roundUp(samples, to: 8) + 2 * 4 * samples }

  init(
    value: Matrix, levels: UnsafeBufferPointer<LevelShape>, heads: Int, points: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let samples = levels.count * points
    self.value = value
    self.levels = levels
    self.heads = heads
    self.points = points
    weights = scratch
    tapWeights = scratch + roundUp(samples, to: 8)
    tapRows = UnsafeMutableRawPointer(tapWeights + 4 * samples).assumingMemoryBound(to: Int32.self)
  }

  /// All heads of one query, whose reference point is given in 0...1.
  func attend(
    from center: (x: Float, y: Float), offsets: UnsafePointer<Float>, logits: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>
  ) {
    let samples = levels.count * points
    let width = value.columns / heads
    for head in 0..<heads {
      softmax(logits + head * samples, count: samples)
      let taps = listTaps(center, offsets + head * samples * 2)
      sumTaps(taps, of: value.base + head * width, width: width, into: output + head * width)
    }
  }

  private func softmax(_ logits: UnsafePointer<Float>, count: Int) {
    weights.update(from: logits, count: count)
    let sum = exponentiate(weights, count: count, subtracting: maximum(weights, count: count))
    let inverse = 1 / sum
    mapRow(weights, into: weights, count: count) { $0 * inverse }
  }

  /// Fills the list and returns its length.
  private func listTaps(_ center: (x: Float, y: Float), _ offsets: UnsafePointer<Float>) -> Int {
    var taps = 0
    var start = 0
    var sample = 0
    for level in levels {
      let (width, height) = (Float(level.width), Float(level.height))
      for _ in 0..<points {
        let x = center.x * width + offsets[2 * sample] - 0.5
        let y = center.y * height + offsets[2 * sample + 1] - 0.5
        // False for NaN, too: such a sample contributes nothing.
        if x > -1, y > -1, x < width, y < height {
          listCorners(x, y, level, start, weights[sample], &taps)
        }
        sample += 1
      }
      start += level.count
    }
    return taps
  }

  @inline(__always)
  private func listCorners(
    _ x: Float, _ y: Float, _ level: LevelShape, _ start: Int, _ weight: Float, _ taps: inout Int
  ) {
    // Shifted by one, the coordinates are not negative, and truncation rounds down.
    let (left, top) = (Int(x + 1) - 1, Int(y + 1) - 1)
    let (fractionX, fractionY) = (x - Float(left), y - Float(top))
    for (row, weightY) in [(top, 1 - fractionY), (top + 1, fractionY)] where row >= 0 && row < level.height {
      for (column, weightX) in [(left, 1 - fractionX), (left + 1, fractionX)] where column >= 0 && column < level.width
      {
        tapRows[taps] = Int32(truncatingIfNeeded: start + row * level.width + column)
        tapWeights[taps] = weight * weightX * weightY
        taps += 1
      }
    }
  }

  private func sumTaps(
    _ taps: Int, of source: UnsafePointer<Float>, width: Int, into target: UnsafeMutablePointer<Float>
  ) {
    var channel = 0
    while channel + 32 <= width {
      sum32(taps, source + channel, into: target + channel)
      channel += 32
    }
    while channel + 8 <= width {
      sum8(taps, source + channel, into: target + channel)
      channel += 8
    }
    while channel < width {
      var sum: Float = 0
      for tap in 0..<taps { sum += tapWeights[tap] * source[Int(tapRows[tap]) * value.rowStride + channel] }
      target[channel] = sum
      channel += 1
    }
  }

  @inline(__always)
  private func sum32(_ taps: Int, _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    let zero = SIMD8<Float>(repeating: 0)
    var (a, b, c, d) = (zero, zero, zero, zero)
    for tap in 0..<taps {
      let row = source + Int(tapRows[tap]) * value.rowStride
      let weight = tapWeights[tap]
      a += row.load8() * weight
      b += row.load8(8) * weight
      c += row.load8(16) * weight
      d += row.load8(24) * weight
    }
    target.store(a)
    target.store(b, 8)
    target.store(c, 16)
    target.store(d, 24)
  }

  @inline(__always)
  private func sum8(_ taps: Int, _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    var sum = SIMD8<Float>(repeating: 0)
    for tap in 0..<taps { sum += (source + Int(tapRows[tap]) * value.rowStride).load8() * tapWeights[tap] }
    target.store(sum)
  }
}

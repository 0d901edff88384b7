import TensorCore

/// Samples the pyramid for one query and head after another, with scratch of its thread's own.
///
/// It works out the four pixels around every sample and their weights, four samples at a time, and then
/// sums the pixels over the head's channels, as wide as those go. A pixel outside its level weighs nothing; to need no
/// branch for it, the nearest one inside stands in for it.
struct DeformableSampler {
  /// (heads · pixels, channels of a head).
  private let value: Matrix
  private let levels: UnsafeBufferPointer<LevelShape>
  private let points: Int
  /// A head's samples: levels · points.
  private let samples: Int
  /// Slots for them, with a few to spare: they are filled by fours.
  private let slots: Int
  /// e^(logit − the largest logit), then a few to spare.
  private let powers: UnsafeMutablePointer<Float>
  /// For each slot the weights of its four pixels: top left, top right, bottom left, bottom right, `slots` apart.
  private let weights: UnsafeMutablePointer<Float>
  /// Likewise the pixels' rows in `value`.
  private let rows: UnsafeMutablePointer<Int32>

  /// Largest number of pixels in a pyramid: their numbers are computed in floats.
  static let mostPixels = 1 << 23

  /// Floats of scratch that a sampler works in.
  static func scratchSize(samples: Int) -> Int { 9 * slots(samples) }

  private static func slots(_ samples: Int) -> Int { roundUp(samples + 4, to: 8) }

  init(
    value: Matrix, levels: UnsafeBufferPointer<LevelShape>, points: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    self.value = value
    self.levels = levels
    self.points = points
    samples = levels.count * points
    slots = Self.slots(samples)
    powers = scratch
    weights = scratch + slots
    rows = UnsafeMutableRawPointer(weights + 4 * slots).assumingMemoryBound(to: Int32.self)
  }

  /// One head of one query, whose reference point is given in 0...1: its offsets, logits and channels of the output,
  /// and the head's first row in the value.
  func attend(
    from center: (x: Float, y: Float), offsets: UnsafePointer<Float>, logits: UnsafePointer<Float>, firstRow: Int,
    into output: UnsafeMutablePointer<Float>
  ) {
    let total = exponentiate(logits)
    locate(center, offsets)
    sumPixels(of: value.row(firstRow), width: value.columns, scale: 1 / total, into: output)
  }

  /// Fills `powers` and returns their sum.
  @inline(__always)
  private func exponentiate(_ logits: UnsafePointer<Float>) -> Float {
    var largest = -Float.infinity
    for index in 0..<samples where logits[index] > largest { largest = logits[index] }
    var total: Float = 0
    for index in stride(from: 0, to: samples, by: 8) {
      let count = min(samples - index, 8)
      let logits =
        count == 8 ? logits.load8(index) : logits.loadPartial8(index, count: count, filler: -.infinity)
      let vector = exponential(logits - largest)
      powers.store(vector, index)
      total += vector.laneSum
    }
    return total
  }

  /// Fills the slots of one head. Where a level's points end within a group of four, the next level's overwrite the rest.
  @inline(__always)
  private func locate(
    _ center: (x: Float, y: Float), _ offsets: UnsafePointer<Float>
  ) {
    var (start, sample) = (0, 0)
    for level in levels {
      let shape = LevelVectors(level, start: start, center: center)
      for point in stride(from: 0, to: points, by: 4) {
        let isWhole = point + 4 <= points
        let pairs =
          isWhole
          ? offsets.load8(2 * sample) : offsets.loadPartial8(2 * sample, count: 2 * (points - point))
        locate(shape, x: pairs.evenHalf, y: pairs.oddHalf, powers.load4(sample), sample)
        sample += isWhole ? 4 : points - point
      }
      start += level.count
    }
  }

  /// Fills four slots with the pixels around four places.
  @inline(__always)
  private func locate(
    _ level: LevelVectors, x offsetX: SIMD4<Float>, y offsetY: SIMD4<Float>, _ power: SIMD4<Float>, _ slot: Int
  ) {
    let horizontal = BilinearAxis(level.centerX + offsetX, length: level.width)
    let vertical = BilinearAxis(level.centerY + offsetY, length: level.height)
    let top = vertical.first * level.width + level.start
    let bottom = vertical.second * level.width + level.start
    let (upper, lower) = (power * vertical.firstWeight, power * vertical.secondWeight)
    weights.store(upper * horizontal.firstWeight, slot)
    weights.store(upper * horizontal.secondWeight, slot + slots)
    weights.store(lower * horizontal.firstWeight, slot + 2 * slots)
    weights.store(lower * horizontal.secondWeight, slot + 3 * slots)
    store(wholeNumbers(top + horizontal.first), rows + slot)
    store(wholeNumbers(top + horizontal.second), rows + slot + slots)
    store(wholeNumbers(bottom + horizontal.first), rows + slot + 2 * slots)
    store(wholeNumbers(bottom + horizontal.second), rows + slot + 3 * slots)
  }

  @inline(__always)
  private func store(_ numbers: SIMD4<Int32>, _ target: UnsafeMutablePointer<Int32>) {
    UnsafeMutableRawPointer(target).storeBytes(of: numbers, as: SIMD4<Int32>.self)
  }

  @inline(__always)
  private func sumPixels(
    of source: UnsafePointer<Float>, width: Int, scale: Float, into target: UnsafeMutablePointer<Float>
  ) {
    var channel = 0
    while channel + 32 <= width {
      sum32(source + channel, scale, into: target + channel)
      channel += 32
    }
    while channel + 8 <= width {
      sum8(source + channel, scale, into: target + channel)
      channel += 8
    }
    while channel < width {
      sum1(source + channel, scale, into: target + channel)
      channel += 1
    }
  }

  // One pixel at a time: the compiler turns a single multiplication and addition a vector into two instructions, but
  // takes sums of several products to pieces.

  @inline(__always)
  private func sum32(_ source: UnsafePointer<Float>, _ scale: Float, into target: UnsafeMutablePointer<Float>) {
    let zero = SIMD8<Float>(repeating: 0)
    var (a, b, c, d) = (zero, zero, zero, zero)
    for corner in 0..<4 {
      for index in corner &* slots..<corner &* slots &+ samples {
        let pixel = source + Int(rows[index]) &* value.rowStride
        let weight = weights[index]
        a += pixel.load8() * weight
        b += pixel.load8(8) * weight
        c += pixel.load8(16) * weight
        d += pixel.load8(24) * weight
      }
    }
    target.store(a * scale)
    target.store(b * scale, 8)
    target.store(c * scale, 16)
    target.store(d * scale, 24)
  }

  @inline(__always)
  private func sum8(_ source: UnsafePointer<Float>, _ scale: Float, into target: UnsafeMutablePointer<Float>) {
    var sum = SIMD8<Float>(repeating: 0)
    for corner in 0..<4 {
      for index in corner &* slots..<corner &* slots &+ samples {
        sum += (source + Int(rows[index]) &* value.rowStride).load8() * weights[index]
      }
    }
    target.store(sum * scale)
  }

  @inline(__always)
  private func sum1(_ source: UnsafePointer<Float>, _ scale: Float, into target: UnsafeMutablePointer<Float>) {
    var sum: Float = 0
    for corner in 0..<4 {
      for index in corner &* slots..<corner &* slots &+ samples {
        sum += source[Int(rows[index]) &* value.rowStride] * weights[index]
      }
    }
    target[0] = sum * scale
  }
}

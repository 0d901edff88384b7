/// Rows of floats, `stride` apart.
public struct FloatRows {
  public var base: UnsafeMutablePointer<Float>
  public var stride: Int

  @inlinable
  public init(_ base: UnsafeMutablePointer<Float>, stride: Int) {
    self.base = base
    self.stride = stride
  }

  @inlinable @inline(__always)
  public func row(_ index: Int) -> UnsafeMutablePointer<Float> { base + index &* stride }
}

/// Samples the pyramid for some queries, head after head, with scratch of its thread's own (Deformable DETR, arXiv
/// 2010.04159, equation 3).
///
/// It works out the four pixels around every sample and their weights, four samples at a time, and then
/// sums the pixels over the head's channels, as wide as those go. A pixel outside its level weighs nothing; to need no
/// branch for it, the nearest one inside stands in for it. Every instruction set computes the same bits.
public struct DeformableSampler {
  /// (heads · pixels, channels of a head).
  public var value: FloatRows
  /// Channels of a head.
  public var width: Int
  /// Pixels of all levels.
  public var pixels: Int
  public var heads: Int
  public var levels: UnsafeBufferPointer<LevelShape>
  public var points: Int
  /// (queries, heads · levels · points · 2).
  public var offsets: FloatRows
  /// (queries, heads · levels · points).
  public var logits: FloatRows
  /// (queries, heads · width).
  public var output: FloatRows
  /// A head's samples: levels · points.
  @usableFromInline let samples: Int
  /// Slots for a head's samples, rounded up, since four are written at a time.
  @usableFromInline let slots: Int
  /// e^(logit − the largest logit) for each slot.
  @usableFromInline let powers: UnsafeMutablePointer<Float>
  /// Bilinear weights of each slot's four pixels, axes (top left, top right, bottom left, bottom right; slot).
  @usableFromInline let weights: UnsafeMutablePointer<Float>
  /// Rows in `value` of the same pixels, with the same axes.
  @usableFromInline let rows: UnsafeMutablePointer<Int32>

  /// Largest number of pixels in a pyramid, whose indices are computed in fp32.
  public static let mostPixels = 1 << 23

  /// Scratch memory of a thread, contents undefined.
  public struct Scratch {
    /// `slots` elements.
    public var powers: UnsafeMutablePointer<Float>
    /// 4 · `slots` elements.
    public var weights: UnsafeMutablePointer<Float>
    /// 4 · `slots` elements.
    public var rows: UnsafeMutablePointer<Int32>

    @inlinable
    public init(
      powers: UnsafeMutablePointer<Float>, weights: UnsafeMutablePointer<Float>, rows: UnsafeMutablePointer<Int32>
    ) {
      self.powers = powers
      self.weights = weights
      self.rows = rows
    }
  }

  /// Slots for the samples of a head.
  @inlinable
  public static func slots(_ samples: Int) -> Int { (samples + 4 + 7) / 8 * 8 }

  @inlinable
  public init(
    value: FloatRows, width: Int, pixels: Int, heads: Int, levels: UnsafeBufferPointer<LevelShape>, points: Int,
    offsets: FloatRows, logits: FloatRows, output: FloatRows, scratch: Scratch
  ) {
    self.value = value
    self.width = width
    self.pixels = pixels
    self.heads = heads
    self.levels = levels
    self.points = points
    self.offsets = offsets
    self.logits = logits
    self.output = output
    samples = levels.count * points
    slots = Self.slots(samples)
    powers = scratch.powers
    weights = scratch.weights
    rows = scratch.rows
  }

  /// All heads of some queries.
  @inlinable @inline(__always)
  public func attend<Instructions: VectorInstructions>(_ queries: Range<Int>, _: Instructions.Type) {
    for head in 0..<heads {
      var pixel = PyramidPixel(queries.lowerBound, levels)
      for query in queries {
        let total = exponentiate(logits.row(query) + head &* samples, Instructions.self)
        locate(pixel.center(levels), offsets.row(query) + head &* samples &* 2, Instructions.self)
        sumPixels(
          of: value.row(head &* pixels), scale: 1 / total, into: output.row(query) + head &* width, Instructions.self)
        pixel.advance(levels)
      }
    }
  }

  /// Fills `powers` and returns their sum.
  @inlinable @inline(__always)
  func exponentiate<Instructions: VectorInstructions>(
    _ logits: UnsafePointer<Float>, _: Instructions.Type
  ) -> Float {
    var largest = -Float.infinity
    for index in 0..<samples where logits[index] > largest { largest = logits[index] }
    var total: Float = 0
    for index in stride(from: 0, to: samples, by: 8) {
      let count = min(samples - index, 8)
      let logits =
        count == 8 ? logits.load8(index) : logits.loadPartial8(index, count: count, filler: -.infinity)
      let vector = exponential(logits - largest, Instructions.self)
      powers.store(vector, index)
      total += vector.laneSum
    }
    return total
  }

  /// Fills the slots of one head. Where a level's points end within a group of four, the next level's overwrite the rest.
  @inlinable @inline(__always)
  func locate<Instructions: VectorInstructions>(
    _ center: (x: Float, y: Float), _ offsets: UnsafePointer<Float>, _: Instructions.Type
  ) {
    var (start, sample) = (0, 0)
    for level in levels {
      let shape = LevelVectors(level, start: start, center: center)
      for point in stride(from: 0, to: points, by: 4) {
        let isWhole = point + 4 <= points
        let pairs =
          isWhole
          ? offsets.load8(2 * sample) : offsets.loadPartial8(2 * sample, count: 2 * (points - point))
        locate(
          shape, x: pairs.evenHalf, y: pairs.oddHalf, powers.load4(sample), sample, Instructions.self)
        sample += isWhole ? 4 : points - point
      }
      start += level.count
    }
  }

  /// Fills four slots with the pixels around four places.
  @inlinable @inline(__always)
  func locate<Instructions: VectorInstructions>(
    _ level: LevelVectors, x offsetX: SIMD4<Float>, y offsetY: SIMD4<Float>, _ power: SIMD4<Float>, _ slot: Int,
    _: Instructions.Type
  ) {
    let horizontal = BilinearAxis<Instructions>(level.centerX + offsetX, length: level.width)
    let vertical = BilinearAxis<Instructions>(level.centerY + offsetY, length: level.height)
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

  @inlinable @inline(__always)
  func store(_ numbers: SIMD4<Int32>, _ target: UnsafeMutablePointer<Int32>) {
    UnsafeMutableRawPointer(target).storeBytes(of: numbers, as: SIMD4<Int32>.self)
  }

  @inlinable @inline(__always)
  func sumPixels<Instructions: VectorInstructions>(
    of source: UnsafePointer<Float>, scale: Float, into target: UnsafeMutablePointer<Float>, _: Instructions.Type
  ) {
    var channel = 0
    while channel &+ 2 &* Instructions.Vector.scalarCount <= width {
      sumTwoVectors(source + channel, scale, into: target + channel, Instructions.self)
      channel &+= 2 &* Instructions.Vector.scalarCount
    }
    while channel &+ Instructions.Vector.scalarCount <= width {
      sumVector(source + channel, scale, into: target + channel, Instructions.self, Instructions.Vector.self)
      channel &+= Instructions.Vector.scalarCount
    }
    while channel &+ 4 <= width {
      sumVector(source + channel, scale, into: target + channel, Instructions.self, SIMD4<Float>.self)
      channel &+= 4
    }
    while channel < width {
      sumOne(source + channel, scale, into: target + channel)
      channel &+= 1
    }
  }

  /// The corners are summed apart, so that no addition waits for the one before it; and one pixel at a time: the
  /// compiler turns a single multiplication and addition of vectors into two instructions, but takes sums of several
  /// products to pieces.
  @inlinable @inline(__always)
  func sumTwoVectors<Instructions: VectorInstructions>(
    _ source: UnsafePointer<Float>, _ scale: Float, into target: UnsafeMutablePointer<Float>, _: Instructions.Type
  ) {
    var topLeft = PixelSum<Instructions>()
    var (topRight, bottomLeft, bottomRight) = (topLeft, topLeft, topLeft)
    let stride = value.stride
    for index in 0..<samples {
      topLeft.add(source + Int(rows[index]) &* stride, times: weights[index])
      topRight.add(source + Int(rows[index &+ slots]) &* stride, times: weights[index &+ slots])
      bottomLeft.add(source + Int(rows[index &+ 2 &* slots]) &* stride, times: weights[index &+ 2 &* slots])
      bottomRight.add(source + Int(rows[index &+ 3 &* slots]) &* stride, times: weights[index &+ 3 &* slots])
    }
    let factor = Instructions.Vector(repeating: scale)
    let left = (topLeft.left + topRight.left) + (bottomLeft.left + bottomRight.left)
    let right = (topLeft.right + topRight.right) + (bottomLeft.right + bottomRight.right)
    (left * factor).store(to: target)
    (right * factor).store(to: target + Instructions.Vector.scalarCount)
  }

  /// One vector of channels, in the order in which `sumTwoVectors` sums each. Where a head is as narrow as that, all that
  /// is left over would else be summed channel by channel.
  @inlinable @inline(__always)
  func sumVector<Instructions: VectorInstructions, Vector: FloatVector>(
    _ source: UnsafePointer<Float>, _ scale: Float, into target: UnsafeMutablePointer<Float>, _: Instructions.Type,
    _: Vector.Type
  ) {
    var topLeft = Vector(repeating: 0)
    var (topRight, bottomLeft, bottomRight) = (topLeft, topLeft, topLeft)
    let stride = value.stride
    for index in 0..<samples {
      topLeft += Vector(at: source + Int(rows[index]) &* stride) * weights[index]
      topRight += Vector(at: source + Int(rows[index &+ slots]) &* stride) * weights[index &+ slots]
      bottomLeft += Vector(at: source + Int(rows[index &+ 2 &* slots]) &* stride) * weights[index &+ 2 &* slots]
      bottomRight += Vector(at: source + Int(rows[index &+ 3 &* slots]) &* stride) * weights[index &+ 3 &* slots]
    }
    (((topLeft + topRight) + (bottomLeft + bottomRight)) * scale).store(to: target)
  }

  /// One channel, in the order in which `sumTwoVectors` sums each.
  @inlinable @inline(__always)
  func sumOne(_ source: UnsafePointer<Float>, _ scale: Float, into target: UnsafeMutablePointer<Float>) {
    let top = sumOfCorner(0, source) + sumOfCorner(1, source)
    let bottom = sumOfCorner(2, source) + sumOfCorner(3, source)
    target[0] = (top + bottom) * scale
  }

  @inlinable @inline(__always)
  func sumOfCorner(_ corner: Int, _ source: UnsafePointer<Float>) -> Float {
    var sum: Float = 0
    for index in corner &* slots..<corner &* slots &+ samples {
      sum += source[Int(rows[index]) &* value.stride] * weights[index]
    }
    return sum
  }
}

/// Two vectors of a weighted sum of pixels.
@usableFromInline
struct PixelSum<Instructions: VectorInstructions> {
  @usableFromInline var left: Instructions.Vector
  @usableFromInline var right: Instructions.Vector

  @inlinable @inline(__always)
  init() {
    left = Instructions.Vector(repeating: 0)
    right = Instructions.Vector(repeating: 0)
  }

  @inlinable @inline(__always)
  mutating func add(_ pixel: UnsafePointer<Float>, times weight: Float) {
    let factor = Instructions.Vector(repeating: weight)
    left += Instructions.Vector(at: pixel) * factor
    right += Instructions.Vector(at: pixel + Instructions.Vector.scalarCount) * factor
  }
}

/// What compositors do to the edge of a matte; applied in the order of these properties.
///
/// Mattes that add up to one no longer do so afterwards.
public struct EdgeControls: Sendable, Hashable {
  /// By how many pixels the matte grows, or shrinks where it is negative; fractions blend between whole pixels.
  public var grow: Float
  /// Standard deviation, in pixels, of the Gaussian that softens the matte; 0 for none.
  public var feather: Float
  /// Values up to this become 0 …
  public var blackClip: Float
  /// … and from this on 1, those between them evenly.
  public var whiteClip: Float

  /// Controls of the given values; those that are left out change nothing.
  public init(grow: Float = 0, feather: Float = 0, blackClip: Float = 0, whiteClip: Float = 1) {
    self.grow = grow
    self.feather = feather
    self.blackClip = blackClip
    self.whiteClip = whiteClip
  }

  package static let mostGrowth: Float = 256
  package static let mostFeather = GaussianBlur.mostDeviation

  fileprivate func check() throws {
    guard abs(grow) <= Self.mostGrowth else {
      throw MaskMergingError(
        .invalidOption, "a matte grows or shrinks by at most \(Int(Self.mostGrowth)) pixels, not \(grow)")
    }
    try GaussianBlur.check(feather)
    guard blackClip >= 0, whiteClip <= 1, blackClip < whiteClip else {
      throw MaskMergingError(
        .invalidOption,
        "black clip is at least 0, below white clip, and that at most 1; not \(blackClip) and \(whiteClip)")
    }
  }
}

extension Matte {
  /// The matte with its edge moved, softened and clipped.
  ///
  /// - Throws: `invalidOption` for a growth beyond 256 pixels, a feather beyond 256, or clips out of order.
  public func adjusted(_ controls: EdgeControls) throws -> Matte {
    try controls.check()
    var matte = self
    if controls.grow != 0 { matte = matte.grown(by: controls.grow) }
    if controls.feather > 0 { matte = matte.feathered(by: controls.feather) }
    guard controls.blackClip > 0 || controls.whiteClip < 1 else { return matte }
    let (black, scale) = (controls.blackClip, 1 / (controls.whiteClip - controls.blackClip))
    return matte.mapped { row, count in
      for x in 0..<count { row[x] = min(max((row[x] - black) * scale, 0), 1) }
    }
  }

  private func grown(by pixels: Float) -> Matte {
    let whole = Int(abs(pixels))
    let share = abs(pixels) - Float(whole)
    // Shrinking is the growth of what is not covered.
    let source = pixels > 0 ? self : inverted()
    let near = source.dilated(radius: whole)
    var result = near
    if share > 0 {
      let far = source.dilated(radius: whole + 1)
      let plane = FloatPlane(width: width, height: height)
      for index in 0..<plane.count {
        let value = near.plane.pointer[index]
        plane.pointer[index] = value + (far.plane.pointer[index] - value) * share
      }
      result = Matte(plane: plane, pool: pool)
    }
    return pixels > 0 ? result : result.inverted()
  }

  /// The largest value within a disc of `radius` pixels.
  private func dilated(radius: Int) -> Matte {
    guard radius > 0 else { return self }
    let result = FloatPlane(width: width, height: height)
    // Half the disc's width in each of its rows.
    let reaches = (-radius...radius).map { Int(Float(radius * radius - $0 * $0).squareRoot()) }
    pool.forEachBand(ofRows: height) { rows, _ in
      var window = RunningMaximum(width: width, largestReach: radius)
      for y in rows {
        let target = result.pointer + y * width
        for (offset, reach) in zip(-radius...radius, reaches) where plane.rows.contains(y + offset) {
          window.raise(target, to: plane.pointer + (y + offset) * width, reach: reach)
        }
      }
    }
    return Matte(plane: result, pool: pool)
  }

  private func feathered(by deviation: Float) -> Matte {
    let result = FloatPlane(width: width, height: height)
    GaussianBlur(deviation).apply(width: width, height: height, pool: pool) { row, y in
      row.update(from: plane.pointer + y * width, count: width)
    } store: { row, y in
      for x in 0..<width { result.pointer[y * width + x] = min(max(row[x], 0), 1) }
    }
    return Matte(plane: result, pool: pool)
  }
}

/// Maxima of windows of a row, by the maxima of blocks from both ends (van Herk; Gil and Werman): the same few
/// comparisons a pixel for every window.
private struct RunningMaximum {
  private let width: Int
  /// The row with `reach` zeros at either end, each value raised to those before it in its block.
  private var forward: [Float]
  /// The same with those after it.
  private var backward: [Float]

  init(width: Int, largestReach: Int) {
    self.width = width
    forward = Array(repeating: 0, count: width + 2 * largestReach)
    backward = forward
  }

  /// Raises `target` to the largest value of `row` within `reach` columns; values are not negative.
  mutating func raise(_ target: UnsafeMutablePointer<Float>, to row: UnsafePointer<Float>, reach: Int) {
    let (block, count) = (2 * reach + 1, width + 2 * reach)
    func value(_ place: Int) -> Float { place >= reach && place < reach + width ? row[place - reach] : 0 }
    for start in stride(from: 0, to: count, by: block) {
      let end = min(start + block, count)
      var most: Float = 0
      for place in start..<end {
        most = max(most, value(place))
        forward[place] = most
      }
      most = 0
      for place in (start..<end).reversed() {
        most = max(most, value(place))
        backward[place] = most
      }
    }
    for x in 0..<width { target[x] = max(target[x], max(backward[x], forward[x + 2 * reach])) }
  }
}

/// Winograd's minimal filtering F(4 × 4, 3 × 3): sixteen outputs of a 3 × 3 convolution from a patch of 6 × 6 inputs
/// with 36 multiplications a channel instead of 144 (Lavin and Gray, arXiv 1509.09308).
///
/// The interpolation points are 0, ±3/4, ±3/2 and ∞. Their powers are exact in binary, and in measurements on random
/// features the largest error is a quarter of that of the usual 0, ±1, ±2, ∞ (Barabasz et al., arXiv 1803.10986, on why
/// points matter).
public enum Winograd {
  /// Points along an axis: a patch of this many inputs on a side.
  public static let patch = 6
  /// Outputs along an axis of a tile.
  public static let tile = 4
  /// Planes of transformed values: one for each place in the patch.
  public static let planes = 36
}

/// The transform of one panel of a packed weight, for some of its inputs: U = G · g · Gᵀ for every input and column.
public struct WinogradWeightPanel {
  /// (3, 3, inputs, width of a panel), rows `rowStride` apart.
  public var weights: UnsafePointer<Float>
  public var inputs: Int
  /// The inputs to transform.
  public var range: Range<Int>
  /// The panel in the first of 36 planes, `planeStride` apart: (inputs, width of a panel), rows `rowStride` apart.
  public var u: UnsafeMutablePointer<Float>
  public var rowStride: Int
  public var planeStride: Int

  @inlinable
  public init(
    weights: UnsafePointer<Float>, inputs: Int, range: Range<Int>, u: UnsafeMutablePointer<Float>, rowStride: Int,
    planeStride: Int
  ) {
    self.weights = weights
    self.inputs = inputs
    self.range = range
    self.u = u
    self.rowStride = rowStride
    self.planeStride = planeStride
  }

  /// The panel is two vectors wide.
  @inlinable @inline(__always)
  public func transform<Instructions: VectorInstructions>(_: Instructions.Type) {
    for input in range {
      transform(input &* rowStride, Instructions.self)
      transform(input &* rowStride &+ Instructions.Vector.scalarCount, Instructions.self)
    }
  }

  /// One vector of columns.
  @inlinable @inline(__always)
  func transform<Instructions: VectorInstructions>(_ place: Int, _: Instructions.Type) {
    let tapStride = inputs &* rowStride
    let g = weights + place
    let left = Three<Instructions>(at: g, stride: 3 &* tapStride).weightTransform(Instructions.self)
    let middle = Three<Instructions>(at: g + tapStride, stride: 3 &* tapStride).weightTransform(Instructions.self)
    let right = Three<Instructions>(at: g + 2 &* tapStride, stride: 3 &* tapStride).weightTransform(Instructions.self)
    store(Three(left.d0, middle.d0, right.d0), row: 0, place, Instructions.self)
    store(Three(left.d1, middle.d1, right.d1), row: 1, place, Instructions.self)
    store(Three(left.d2, middle.d2, right.d2), row: 2, place, Instructions.self)
    store(Three(left.d3, middle.d3, right.d3), row: 3, place, Instructions.self)
    store(Three(left.d4, middle.d4, right.d4), row: 4, place, Instructions.self)
    store(Three(left.d5, middle.d5, right.d5), row: 5, place, Instructions.self)
  }

  @inlinable @inline(__always)
  func store<Instructions>(_ three: Three<Instructions>, row: Int, _ place: Int, _: Instructions.Type) {
    three.weightTransform(Instructions.self).store(to: u + place + row &* 6 &* planeStride, stride: planeStride)
  }
}

/// The transform of one patch of the input: V = Bᵀ · d · B in every channel.
public struct WinogradInputPatch {
  /// The patch's first pixel. It may lie outside the image; only pixels inside are read.
  public var x: UnsafePointer<Float>
  public var rowStride: Int
  public var channels: Int
  /// The rows and columns of the patch that lie inside the image; the others count as zeros.
  public var rows: Range<Int>
  public var columns: Range<Int>
  /// The patch's channels in the first of 36 planes, `planeStride` apart.
  public var v: UnsafeMutablePointer<Float>
  public var planeStride: Int
  /// Buffer for 36 vectors.
  public var scratch: UnsafeMutablePointer<Float>

  @inlinable
  public init(
    x: UnsafePointer<Float>, rowStride: Int, channels: Int, rows: Range<Int>, columns: Range<Int>,
    v: UnsafeMutablePointer<Float>, planeStride: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    self.x = x
    self.rowStride = rowStride
    self.channels = channels
    self.rows = rows
    self.columns = columns
    self.v = v
    self.planeStride = planeStride
    self.scratch = scratch
  }

  /// The channels are a multiple of the vector's width.
  @inlinable @inline(__always)
  public func transform<Instructions: VectorInstructions>(_: Instructions.Type) {
    let width = Instructions.Vector.scalarCount
    var channel = 0
    while channel < channels {
      for column in 0..<6 {
        let t = load(column, channel, Instructions.self).inputTransform(Instructions.self)
        t.store(to: scratch + column &* width, stride: 6 &* width)
      }
      for row in 0..<6 {
        let t = Six<Instructions>(at: scratch + row &* 6 &* width, stride: width).inputTransform(Instructions.self)
        t.store(to: v + channel + row &* 6 &* planeStride, stride: planeStride)
      }
      channel &+= width
    }
  }

  /// A column of the patch in some channels.
  @inlinable @inline(__always)
  func load<Instructions: VectorInstructions>(_ column: Int, _ channel: Int, _: Instructions.Type) -> Six<Instructions>
  {
    let zero = Instructions.Vector(repeating: 0)
    var six = Six<Instructions>(zero, zero, zero, zero, zero, zero)
    guard column >= columns.lowerBound, column < columns.upperBound else { return six }
    let first = x + (column &* channels &+ channel)
    if rows.lowerBound <= 0, rows.upperBound > 0 { six.d0 = Instructions.Vector(at: first) }
    if rows.lowerBound <= 1, rows.upperBound > 1 { six.d1 = Instructions.Vector(at: first + rowStride) }
    if rows.lowerBound <= 2, rows.upperBound > 2 { six.d2 = Instructions.Vector(at: first + 2 &* rowStride) }
    if rows.lowerBound <= 3, rows.upperBound > 3 { six.d3 = Instructions.Vector(at: first + 3 &* rowStride) }
    if rows.lowerBound <= 4, rows.upperBound > 4 { six.d4 = Instructions.Vector(at: first + 4 &* rowStride) }
    if rows.upperBound > 5 { six.d5 = Instructions.Vector(at: first + 5 &* rowStride) }
    return six
  }
}

/// The transform of one tile of the output: y = activation(Aᵀ · M · A + bias + residual) in every channel.
public struct WinogradOutputTile {
  /// The tile's channels in the first of 36 planes, `planeStride` apart.
  public var m: UnsafePointer<Float>
  public var planeStride: Int
  /// (channels).
  public var bias: UnsafePointer<Float>
  /// The tile's first pixel.
  public var y: UnsafeMutablePointer<Float>
  public var rowStride: Int
  public var channels: Int
  /// Numbers of the tile's rows and columns inside the image, 1 to 4.
  public var rows: Int
  public var columns: Int
  /// Residual with y's layout; may be y; `nil` for none.
  public var residual: UnsafePointer<Float>?
  public var appliesReLU: Bool
  /// Buffer for 24 vectors.
  public var scratch: UnsafeMutablePointer<Float>

  @inlinable
  public init(
    m: UnsafePointer<Float>, planeStride: Int, bias: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>,
    rowStride: Int, channels: Int, rows: Int, columns: Int, residual: UnsafePointer<Float>?, appliesReLU: Bool,
    scratch: UnsafeMutablePointer<Float>
  ) {
    self.m = m
    self.planeStride = planeStride
    self.bias = bias
    self.y = y
    self.rowStride = rowStride
    self.channels = channels
    self.rows = rows
    self.columns = columns
    self.residual = residual
    self.appliesReLU = appliesReLU
    self.scratch = scratch
  }

  /// The channels are a multiple of the vector's width.
  @inlinable @inline(__always)
  public func transform<Instructions: VectorInstructions>(_: Instructions.Type) {
    let width = Instructions.Vector.scalarCount
    var channel = 0
    while channel < channels {
      for column in 0..<6 {
        let t = Six<Instructions>(at: m + channel + column &* planeStride, stride: 6 &* planeStride).outputTransform(
          Instructions.self)
        t.0.store(to: scratch + column &* width)
        t.1.store(to: scratch + (6 &+ column) &* width)
        t.2.store(to: scratch + (12 &+ column) &* width)
        t.3.store(to: scratch + (18 &+ column) &* width)
      }
      let bias = Instructions.Vector(at: bias + channel)
      for row in 0..<rows {
        let t = Six<Instructions>(at: scratch + row &* 6 &* width, stride: width).outputTransform(Instructions.self)
        finish(t.0 + bias, row, 0, channel, Instructions.self)
        finish(t.1 + bias, row, 1, channel, Instructions.self)
        finish(t.2 + bias, row, 2, channel, Instructions.self)
        finish(t.3 + bias, row, 3, channel, Instructions.self)
      }
      channel &+= width
    }
  }

  @inlinable @inline(__always)
  func finish<Instructions: VectorInstructions>(
    _ value: Instructions.Vector, _ row: Int, _ column: Int, _ channel: Int, _: Instructions.Type
  ) {
    guard column < columns else { return }
    let place = row &* rowStride &+ column &* channels &+ channel
    var result = value
    if let residual { result += Instructions.Vector(at: residual + place) }
    if appliesReLU { result = result.relu }
    result.store(to: y + place)
  }
}

/// The weights of three taps along an axis.
public struct Three<Instructions: VectorInstructions> {
  @usableFromInline var g0, g1, g2: Instructions.Vector

  @inlinable @inline(__always)
  init(_ g0: Instructions.Vector, _ g1: Instructions.Vector, _ g2: Instructions.Vector) {
    (self.g0, self.g1, self.g2) = (g0, g1, g2)
  }

  @inlinable @inline(__always)
  init(at pointer: UnsafePointer<Float>, stride: Int) {
    g0 = Instructions.Vector(at: pointer)
    g1 = Instructions.Vector(at: pointer + stride)
    g2 = Instructions.Vector(at: pointer + 2 &* stride)
  }

  /// G · g: the value at every point p over the product of its distances from the other finite points, which are
  /// a² · b², 2 · a² · (a² − b²) and 2 · b² · (b² − a²) for a = 3/4 and b = 3/2.
  @inlinable @inline(__always)
  func weightTransform(_: Instructions.Type) -> Six<Instructions> {
    let near = Instructions.Vector(repeating: 1 / -1.8984375)
    let far = Instructions.Vector(repeating: 1 / 7.59375)
    let nearEven = g0.adding(g2, times: Instructions.Vector(repeating: 0.5625), Instructions.self) * near
    let nearOdd = g1 * (near * 0.75)
    let farEven = g0.adding(g2, times: Instructions.Vector(repeating: 2.25), Instructions.self) * far
    let farOdd = g1 * (far * 1.5)
    return Six(
      g0 * Instructions.Vector(repeating: 1 / 1.265625), nearEven + nearOdd, nearEven - nearOdd, farEven + farOdd,
      farEven - farOdd, g2)
  }
}

/// The values at six places along an axis.
public struct Six<Instructions: VectorInstructions> {
  @usableFromInline var d0, d1, d2, d3, d4, d5: Instructions.Vector

  @inlinable @inline(__always)
  init(
    _ d0: Instructions.Vector, _ d1: Instructions.Vector, _ d2: Instructions.Vector, _ d3: Instructions.Vector,
    _ d4: Instructions.Vector, _ d5: Instructions.Vector
  ) {
    (self.d0, self.d1, self.d2, self.d3, self.d4, self.d5) = (d0, d1, d2, d3, d4, d5)
  }

  @inlinable @inline(__always)
  init(at pointer: UnsafePointer<Float>, stride: Int) {
    d0 = Instructions.Vector(at: pointer)
    d1 = Instructions.Vector(at: pointer + stride)
    d2 = Instructions.Vector(at: pointer + 2 &* stride)
    d3 = Instructions.Vector(at: pointer + 3 &* stride)
    d4 = Instructions.Vector(at: pointer + 4 &* stride)
    d5 = Instructions.Vector(at: pointer + 5 &* stride)
  }

  @inlinable @inline(__always)
  init(at pointer: UnsafeMutablePointer<Float>, stride: Int) { self.init(at: UnsafePointer(pointer), stride: stride) }

  @inlinable @inline(__always)
  func store(to pointer: UnsafeMutablePointer<Float>, stride: Int) {
    d0.store(to: pointer)
    d1.store(to: pointer + stride)
    d2.store(to: pointer + 2 &* stride)
    d3.store(to: pointer + 3 &* stride)
    d4.store(to: pointer + 4 &* stride)
    d5.store(to: pointer + 5 &* stride)
  }

  /// Bᵀ · d, for the points 0, a, −a, b, −b, ∞ with a = 3/4 and b = 3/2: the coefficients of Π (x − p) without one
  /// factor each.
  @inlinable @inline(__always)
  func inputTransform(_: Instructions.Type) -> Six {
    // a², b², a² + b² and a² · b².
    let (a2, b2, sum, product) = (vector(0.5625), vector(2.25), vector(2.8125), vector(1.265625))
    let nearEven = d4.adding(d2, times: -b2, Instructions.self)
    let nearOdd = d3.adding(d1, times: -b2, Instructions.self)
    let farEven = d4.adding(d2, times: -a2, Instructions.self)
    let farOdd = d3.adding(d1, times: -a2, Instructions.self)
    return Six(
      d4.adding(d2, times: -sum, Instructions.self).adding(d0, times: product, Instructions.self),
      nearEven.adding(nearOdd, times: vector(0.75), Instructions.self),
      nearEven.adding(nearOdd, times: vector(-0.75), Instructions.self),
      farEven.adding(farOdd, times: vector(1.5), Instructions.self),
      farEven.adding(farOdd, times: vector(-1.5), Instructions.self),
      d5.adding(d3, times: -sum, Instructions.self).adding(d1, times: product, Instructions.self))
  }

  /// Aᵀ · m: the products at the points times the points' powers 0 to 3.
  @inlinable @inline(__always)
  func outputTransform(_: Instructions.Type) -> (
    Instructions.Vector, Instructions.Vector, Instructions.Vector, Instructions.Vector
  ) {
    let (near, nearDifference) = (d1 + d2, d1 - d2)
    let (far, farDifference) = (d3 + d4, d3 - d4)
    return (
      d0 + near + far,
      (nearDifference * vector(0.75)).adding(farDifference, times: vector(1.5), Instructions.self),
      (near * vector(0.5625)).adding(far, times: vector(2.25), Instructions.self),
      d5.adding(nearDifference, times: vector(0.421875), Instructions.self)
        .adding(farDifference, times: vector(3.375), Instructions.self)
    )
  }

  @inlinable @inline(__always)
  func vector(_ value: Float) -> Instructions.Vector { Instructions.Vector(repeating: value) }
}

/// The mean of each channel over some rows, and the sum of squares around it.
public struct ChannelMoments {
  public var x: FloatRows
  public var rows: Int
  public var channels: Int
  /// (channels).
  public var means: UnsafeMutablePointer<Float>
  /// (channels).
  public var squares: UnsafeMutablePointer<Float>

  @inlinable
  public init(
    x: FloatRows, rows: Int, channels: Int, means: UnsafeMutablePointer<Float>, squares: UnsafeMutablePointer<Float>
  ) {
    self.x = x
    self.rows = rows
    self.channels = channels
    self.means = means
    self.squares = squares
  }

  /// Sums stay in registers: four vectors of channels, all rows, then the next four.
  @inlinable @inline(__always)
  public func measure<Instructions: VectorInstructions>(_: Instructions.Type) {
    let width = Instructions.Vector.scalarCount
    var channel = 0
    while channel &+ 4 &* width <= channels {
      measureFourVectors(channel, Instructions.self)
      channel &+= 4 &* width
    }
    while channel < channels {
      measureOne(channel)
      channel &+= 1
    }
  }

  @inlinable @inline(__always)
  func measureFourVectors<Instructions: VectorInstructions>(_ channel: Int, _: Instructions.Type) {
    var sums = FourVectors<Instructions>()
    for row in 0..<rows { sums.add(FourVectors(at: x.row(row) + channel)) }
    let mean = sums.scaled(by: 1 / Float(rows))
    mean.store(to: means + channel)
    sums = FourVectors()
    for row in 0..<rows { sums.add(FourVectors(at: x.row(row) + channel).squaredDifference(to: mean)) }
    sums.store(to: squares + channel)
  }

  @inlinable @inline(__always)
  func measureOne(_ channel: Int) {
    var sum: Float = 0
    for row in 0..<rows { sum += x.row(row)[channel] }
    let mean = sum * (1 / Float(rows))
    means[channel] = mean
    sum = 0
    for row in 0..<rows {
      let difference = x.row(row)[channel] - mean
      sum += difference * difference
    }
    squares[channel] = sum
  }
}

/// Four vectors side by side.
@usableFromInline
struct FourVectors<Instructions: VectorInstructions> {
  @usableFromInline var a: Instructions.Vector
  @usableFromInline var b: Instructions.Vector
  @usableFromInline var c: Instructions.Vector
  @usableFromInline var d: Instructions.Vector

  @inlinable @inline(__always)
  init(_ a: Instructions.Vector, _ b: Instructions.Vector, _ c: Instructions.Vector, _ d: Instructions.Vector) {
    (self.a, self.b, self.c, self.d) = (a, b, c, d)
  }

  @inlinable @inline(__always)
  init() {
    let zero = Instructions.Vector(repeating: 0)
    self.init(zero, zero, zero, zero)
  }

  @inlinable @inline(__always)
  init(at pointer: UnsafePointer<Float>) {
    let width = Instructions.Vector.scalarCount
    a = Instructions.Vector(at: pointer)
    b = Instructions.Vector(at: pointer + width)
    c = Instructions.Vector(at: pointer + 2 &* width)
    d = Instructions.Vector(at: pointer + 3 &* width)
  }

  @inlinable @inline(__always)
  mutating func add(_ other: FourVectors) {
    a += other.a
    b += other.b
    c += other.c
    d += other.d
  }

  @inlinable @inline(__always)
  func scaled(by factor: Float) -> FourVectors { FourVectors(a * factor, b * factor, c * factor, d * factor) }

  @inlinable @inline(__always)
  func squaredDifference(to other: FourVectors) -> FourVectors {
    let (a, b, c, d) = (a - other.a, b - other.b, c - other.c, d - other.d)
    return FourVectors(a * a, b * b, c * c, d * d)
  }

  @inlinable @inline(__always)
  func store(to pointer: UnsafeMutablePointer<Float>) {
    let width = Instructions.Vector.scalarCount
    a.store(to: pointer)
    b.store(to: pointer + width)
    c.store(to: pointer + 2 &* width)
    d.store(to: pointer + 3 &* width)
  }
}

// Eight channels at a time: memory is what these wait for, and wider vectors are no faster.

/// A feature map that kernels read rows of: axes (height, width, channels), contiguous.
///
/// Audited as `@unchecked Sendable`: it is only read.
public struct ImageSource: @unchecked Sendable {
  public var base: UnsafePointer<Float>
  public var height: Int
  public var width: Int
  public var channels: Int

  @inlinable
  public init(_ base: UnsafePointer<Float>, height: Int, width: Int, channels: Int) {
    self.base = base
    self.height = height
    self.width = width
    self.channels = channels
  }

  @inlinable @inline(__always)
  func pixel(_ y: Int, _ x: Int) -> UnsafePointer<Float> { base + (y &* width &+ x) &* channels }
}

/// One row of max pooling with a square window: outside the image there is nothing.
public struct MaxPoolRow: Sendable {
  public var x: ImageSource
  public var kernel: Int
  public var stride: Int
  public var padding: Int

  @inlinable
  public init(_ x: ImageSource, kernel: Int, stride: Int, padding: Int) {
    self.x = x
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
  }

  /// - Parameters:
  ///   - row: The row of the result.
  ///   - y: (count, channels).
  @inlinable @inline(__always)
  public func pool<Instructions: VectorInstructions>(
    _ row: Int, count: Int, into y: UnsafeMutablePointer<Float>, _: Instructions.Type
  ) {
    let rows = inside(row, x.height)
    for column in 0..<count {
      maximum(rows, inside(column, x.width), into: y + column &* x.channels, Instructions.self)
    }
  }

  /// The part of a window along an axis that lies inside.
  @inlinable @inline(__always)
  func inside(_ index: Int, _ length: Int) -> Range<Int> {
    let start = index &* stride &- padding
    return max(start, 0)..<min(start &+ kernel, length)
  }

  @inlinable @inline(__always)
  func maximum<Instructions: VectorInstructions>(
    _ rows: Range<Int>, _ columns: Range<Int>, into y: UnsafeMutablePointer<Float>, _: Instructions.Type
  ) {
    y.update(from: x.pixel(rows.lowerBound, columns.lowerBound), count: x.channels)
    for row in rows {
      for column in columns { takeLarger(x.pixel(row, column), into: y, Instructions.self) }
    }
  }

  /// All channels of one pixel before the next one's: memory is read in its order.
  @inlinable @inline(__always)
  func takeLarger<Instructions: VectorInstructions>(
    _ pixel: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _: Instructions.Type
  ) {
    var channel = 0
    while channel &+ 8 <= x.channels {
      SIMD8(at: pixel + channel).pointwiseMax(SIMD8(at: y + channel)).store(to: y + channel)
      channel &+= 8
    }
    while channel < x.channels {
      if !(pixel[channel] < y[channel]) { y[channel] = pixel[channel] }
      channel &+= 1
    }
  }
}

/// Where along one axis of the source a resized pixel lies: between two pixels, at `weight` towards the second.
public struct LinearInterpolationWeights: Sendable {
  public var length: Int
  public var scale: Float

  @inlinable
  public init(from length: Int, to target: Int) {
    self.length = length
    scale = Float(length) / Float(max(target, 1))
  }

  @inlinable @inline(__always)
  subscript(index: Int) -> (first: Int, second: Int, weight: Float) {
    let position = max((Float(index) + 0.5) * scale - 0.5, 0)
    let first = min(Int(position), length &- 1)
    return (first, min(first &+ 1, length &- 1), position - Float(first))
  }
}

/// One row of a bilinear resize: pixel centres at half-integers, the border repeated.
public struct BilinearRow: Sendable {
  public var x: ImageSource
  public var rows: LinearInterpolationWeights
  public var columns: LinearInterpolationWeights
  /// Whether it is added to what is there.
  public var accumulates: Bool

  @inlinable
  public init(
    _ x: ImageSource, rows: LinearInterpolationWeights, columns: LinearInterpolationWeights, accumulates: Bool
  ) {
    self.x = x
    self.rows = rows
    self.columns = columns
    self.accumulates = accumulates
  }

  /// - Parameters:
  ///   - row: The row of the result.
  ///   - y: (count, channels).
  @inlinable @inline(__always)
  public func resize<Instructions: VectorInstructions>(
    _ row: Int, count: Int, into y: UnsafeMutablePointer<Float>, _: Instructions.Type
  ) {
    let vertical = rows[row]
    for column in 0..<count {
      let horizontal = columns[column]
      let top = (x.pixel(vertical.first, horizontal.first), x.pixel(vertical.first, horizontal.second))
      let bottom = (x.pixel(vertical.second, horizontal.first), x.pixel(vertical.second, horizontal.second))
      blend(
        top, bottom, horizontal.weight, vertical.weight, into: y + column &* x.channels, Instructions.self)
    }
  }

  @inlinable @inline(__always)
  func blend<Instructions: VectorInstructions>(
    _ top: (UnsafePointer<Float>, UnsafePointer<Float>), _ bottom: (UnsafePointer<Float>, UnsafePointer<Float>),
    _ horizontal: Float, _ vertical: Float, into y: UnsafeMutablePointer<Float>, _: Instructions.Type
  ) {
    let (left, upper) = (1 - horizontal, 1 - vertical)
    var channel = 0
    while channel &+ 8 <= x.channels {
      // One product at a time: the compiler takes sums of several to pieces.
      var above = SIMD8(at: top.0 + channel) * left
      above += SIMD8(at: top.1 + channel) * horizontal
      var below = SIMD8(at: bottom.0 + channel) * left
      below += SIMD8(at: bottom.1 + channel) * horizontal
      var value = above * upper
      value += below * vertical
      (accumulates ? SIMD8(at: y + channel) + value : value).store(to: y + channel)
      channel &+= 8
    }
    while channel < x.channels {
      let above = top.0[channel] * left + top.1[channel] * horizontal
      let below = bottom.0[channel] * left + bottom.1[channel] * horizontal
      let value = above * upper + below * vertical
      y[channel] = accumulates ? y[channel] + value : value
      channel &+= 1
    }
  }
}

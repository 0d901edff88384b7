public import ImageCoding
import TensorCore

/// How much of each pixel belongs to something, 0 to 1, at the picture's size: a mask's probabilities as a compositor
/// uses them. Copies share their values.
public struct Matte: Sendable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// 0 to 1.
  let plane: FloatPlane
  let pool: WorkerPool

  init(plane: FloatPlane, pool: WorkerPool) {
    (width, height) = (plane.width, plane.height)
    self.plane = plane
    self.pool = pool
  }

  /// The probabilities of a mask as they are, not refined.
  public init(_ mask: Mask) { self.init(plane: mask.probabilities(), pool: mask.pool) }

  /// A matte that covers nothing.
  package static func empty(width: Int, height: Int) -> Matte {
    Matte(plane: FloatPlane(width: width, height: height, rows: 0..<0, columns: 0..<0), pool: .forMasks)
  }

  /// How much of a pixel is inside, 0 to 1; 0 beyond the edges.
  public subscript(x x: Int, y y: Int) -> Float {
    guard x >= 0, x < width, y >= 0, y < height else { return 0 }
    return plane.pointer[y * width + x]
  }

  /// Axes (height, width), 0 to 1.
  public var values: [Float] { Array(UnsafeBufferPointer(start: plane.pointer, count: plane.count)) }

  /// 0 to 255, rounded to the nearest.
  public func image8() throws -> GrayImage {
    try makeImage { try GrayImage(width: width, height: height) { quantize(into: $0) } }
  }

  /// 0 to 65535, rounded to the nearest.
  public func image16() throws -> Gray16Image {
    try makeImage { try Gray16Image(width: width, height: height) { quantize(into: $0) } }
  }

  /// The matte as a mask of probabilities; inside is what is more than half covered.
  public var mask: Mask {
    Mask(width: width, height: height, source: .matte(plane), pool: pool)
  }

  private func quantize<Sample: FixedWidthInteger & UnsignedInteger & Sendable>(
    into pixels: UnsafeMutableBufferPointer<Sample>
  ) {
    let scale = Float(Sample.max)
    pixels.initialize(repeating: 0)
    let pixels = DisjointBuffer(pixels)
    pool.forEachBand(ofRows: height) { rows, _ in
      for y in rows.clamped(to: plane.rows) {
        let place = y * width + plane.columns.lowerBound
        round(plane.pointer + place, times: scale, into: pixels[place..<place + plane.columns.count])
      }
    }
  }
}

/// Writes values of 0 to 1, scaled and rounded to the nearest, halves up.
@inline(__always)
private func round<Sample: FixedWidthInteger & UnsignedInteger>(
  _ values: UnsafePointer<Float>, times scale: Float, into samples: UnsafeMutableBufferPointer<Sample>
) {
  // A float of 2²³ and more has no fraction: adding it rounds, and leaves the integer in the lowest bits. Unlike a
  // conversion, which checks its range, the processor does this for several pixels at a time.
  let integers: Float = 0x1p23
  for place in 0..<samples.count {
    let value = values[place] * scale + 0.5
    let rounded = value + integers
    let integer = rounded.bitPattern & 0x7FFFFF
    samples[place] = Sample(truncatingIfNeeded: rounded - integers > value ? integer &- 1 : integer)
  }
}

// MARK: Sets

extension Matte {
  /// What is covered by any of several mattes: the largest value.
  ///
  /// - Throws: `sizeMismatch` where they differ in size, or where there are none.
  public static func union(_ mattes: [Matte]) throws -> Matte {
    try combined(mattes) { target, source, count in
      for x in 0..<count { target[x] = max(target[x], source[x]) }
    }
  }

  /// What is covered by all of several mattes: the smallest value.
  ///
  /// - Throws: `sizeMismatch` where they differ in size, or where there are none.
  public static func intersection(_ mattes: [Matte]) throws -> Matte {
    try combined(mattes, whole: true) { target, source, count in
      for x in 0..<count { target[x] = min(target[x], source[x]) }
    }
  }

  /// Mattes that share pixels between them, put together: the sum, at most 1.
  ///
  /// - Throws: `sizeMismatch` where they differ in size, or where there are none.
  public static func sum(_ mattes: [Matte]) throws -> Matte {
    try combined(mattes) { target, source, count in
      for x in 0..<count { target[x] = min(target[x] + source[x], 1) }
    }
  }

  /// This matte without another: the smaller of its value and what the other one leaves.
  ///
  /// - Throws: `sizeMismatch` where they differ in size.
  public func subtracting(_ other: Matte) throws -> Matte {
    try Matte.combined([self, other], whole: true) { target, source, count in
      for x in 0..<count { target[x] = min(target[x], 1 - source[x]) }
    }
  }

  /// What this matte does not cover: 1 less its value.
  public func inverted() -> Matte { mapped { row, count in for x in 0..<count { row[x] = 1 - row[x] } } }

  /// The first matte with the others taken in, one after another.
  ///
  /// - Parameters:
  ///   - isWhole: Whether `operation` changes values where its second operand is 0; else it is called only where that
  ///     operand may be more.
  ///   - operation: Takes a part of a row of another matte into the same part of the result.
  private static func combined(
    _ mattes: [Matte], whole isWhole: Bool = false,
    _ operation: @Sendable (_ target: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ count: Int) -> Void
  ) throws -> Matte {
    guard let first = mattes.first else {
      throw MaskMergingError(.sizeMismatch, "no mattes have no size")
    }
    for matte in mattes { try matte.checkSize(equals: first.width, first.height) }
    let width = first.width
    let planes = mattes.map(\.plane)
    let plane = FloatPlane(
      width: width, height: first.height, rows: extent(of: planes.map(\.rows)),
      columns: extent(of: planes.map(\.columns)))
    first.pool.forEachBand(ofRows: first.height) { rows, _ in
      for y in rows.clamped(to: plane.rows) {
        for (index, source) in planes.enumerated() where isWhole || source.rows.contains(y) {
          let columns = isWhole ? plane.columns : source.columns
          let place = y * width + columns.lowerBound
          if index == 0 {
            (plane.pointer + place).update(from: source.pointer + place, count: columns.count)
          } else {
            operation(plane.pointer + place, source.pointer + place, columns.count)
          }
        }
      }
    }
    return Matte(plane: plane, pool: first.pool)
  }

  /// A matte whose rows `transform` makes, in place, of this one's; values remain 0 to 1.
  func mapped(_ transform: @Sendable (_ row: UnsafeMutablePointer<Float>, _ count: Int) -> Void) -> Matte {
    let result = FloatPlane(width: width, height: height)
    pool.forEachBand(ofRows: height) { rows, _ in
      for y in rows {
        let row = result.pointer + y * width
        row.update(from: plane.pointer + y * width, count: width)
        transform(row, width)
      }
    }
    return Matte(plane: result, pool: pool)
  }

  func checkSize(equals width: Int, _ height: Int) throws {
    guard self.width == width, self.height == height else {
      throw MaskMergingError(
        .sizeMismatch, "a matte of \(self.width) × \(self.height) pixels beside one of \(width) × \(height)")
    }
  }
}

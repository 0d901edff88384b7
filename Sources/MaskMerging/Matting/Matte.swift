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
        for place in y * width + plane.columns.lowerBound..<y * width + plane.columns.upperBound {
          pixels[place] = Sample(truncatingIfNeeded: Int32(plane.pointer[place] * scale + 0.5))
        }
      }
    }
  }
}

// MARK: Sets

extension Matte {
  /// What is covered by any of several mattes: the largest value.
  ///
  /// - Throws: `sizeMismatch` where they differ in size, or where there are none.
  public static func union(_ mattes: [Matte]) throws -> Matte {
    try combined(mattes) { max($0, $1) }
  }

  /// What is covered by all of several mattes: the smallest value.
  ///
  /// - Throws: `sizeMismatch` where they differ in size, or where there are none.
  public static func intersection(_ mattes: [Matte]) throws -> Matte {
    try combined(mattes) { min($0, $1) }
  }

  /// Mattes that share pixels between them, put together: the sum, at most 1.
  ///
  /// - Throws: `sizeMismatch` where they differ in size, or where there are none.
  public static func sum(_ mattes: [Matte]) throws -> Matte {
    try combined(mattes) { min($0 + $1, 1) }
  }

  /// This matte without another: the smaller of its value and what the other one leaves.
  ///
  /// - Throws: `sizeMismatch` where they differ in size.
  public func subtracting(_ other: Matte) throws -> Matte {
    try Matte.combined([self, other]) { min($0, 1 - $1) }
  }

  /// What this matte does not cover: 1 less its value.
  public func inverted() -> Matte { mapped { 1 - $0 } }

  private static func combined(
    _ mattes: [Matte], _ operation: @Sendable (Float, Float) -> Float
  ) throws -> Matte {
    guard let first = mattes.first else {
      throw MaskMergingError(.sizeMismatch, "no mattes have no size")
    }
    for matte in mattes { try matte.checkSize(equals: first.width, first.height) }
    let plane = FloatPlane(width: first.width, height: first.height)
    first.pool.forEachBand(ofRows: first.height) { rows, _ in
      for index in rows.lowerBound * first.width..<rows.upperBound * first.width {
        plane.pointer[index] = mattes.dropFirst().reduce(first.plane.pointer[index]) {
          operation($0, $1.plane.pointer[index])
        }
      }
    }
    return Matte(plane: plane, pool: first.pool)
  }

  /// A matte of the values that `transform` makes, which are 0 to 1.
  func mapped(_ transform: @Sendable (Float) -> Float) -> Matte {
    let result = FloatPlane(width: width, height: height)
    pool.forEachBand(ofRows: height) { rows, _ in
      for index in rows.lowerBound * width..<rows.upperBound * width {
        result.pointer[index] = transform(plane.pointer[index])
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

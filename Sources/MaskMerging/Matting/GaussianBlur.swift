import Platform
import TensorCore

/// The Gaussian, cut off at three standard deviations and made to sum to 1; the border is repeated.
struct GaussianBlur {
  private let radius: Int
  /// For offsets −radius to radius.
  private let weights: [Float]

  /// - Precondition: `check` accepts the deviation, and it is above 0.
  init(_ deviation: Float) {
    let radius = max(Int((3 * deviation).rounded(.up)), 1)
    let values = (-radius...radius).map { Float.exp(-Float($0 * $0) / (2 * deviation * deviation)) }
    let sum = values.reduce(0, +)
    self.radius = radius
    weights = values.map { $0 / sum }
  }

  static let mostDeviation: Float = 256

  static func check(_ deviation: Float) throws {
    guard deviation >= 0, deviation <= mostDeviation else {
      throw MaskMergingError(
        .invalidOption, "the standard deviation of a blur is 0 to \(Int(mostDeviation)) pixels, not \(deviation)")
    }
  }

  /// Blurs a picture of one channel along both axes.
  ///
  /// - Parameters:
  ///   - load: Writes row y into the memory that it gets.
  ///   - store: Takes the blurred row y.
  func apply(
    width: Int, height: Int, pool: WorkerPool, load: @Sendable (_ row: UnsafeMutablePointer<Float>, _ y: Int) -> Void,
    store: @Sendable (_ row: UnsafePointer<Float>, _ y: Int) -> Void
  ) {
    let between = FloatPlane(width: width, height: height)
    pool.forEachBand(ofRows: height) { rows, _ in
      let line = ScratchRow(width + 2 * radius)
      for y in rows {
        load(line.pointer + radius, y)
        line.pointer.update(repeating: line.pointer[radius], count: radius)
        (line.pointer + radius + width).update(repeating: line.pointer[radius + width - 1], count: radius)
        let target = between.pointer + y * width
        for (offset, weight) in weights.enumerated() { add(line.pointer + offset, weight, to: target, count: width) }
      }
    }
    pool.forEachBand(ofRows: height) { rows, _ in
      let line = ScratchRow(width)
      for y in rows {
        line.pointer.update(repeating: 0, count: width)
        for (index, weight) in weights.enumerated() {
          let row = min(max(y + index - radius, 0), height - 1)
          add(between.pointer + row * width, weight, to: line.pointer, count: width)
        }
        store(line.pointer, y)
      }
    }
  }

  @inline(__always)
  private func add(
    _ source: UnsafePointer<Float>, _ weight: Float, to target: UnsafeMutablePointer<Float>, count: Int
  ) {
    for x in 0..<count { target[x] += source[x] * weight }
  }
}

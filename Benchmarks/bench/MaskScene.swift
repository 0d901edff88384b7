import Foundation
import ImageCoding
import MaskMerging
import TensorCore
import TensorKernels

/// A synthetic frame of 1920 × 1080 with two people, and soft masks of six parts of each, as the network would give. It
/// is the same in every run.
struct MaskScene {
  static let (width, height) = (1920, 1080)
  /// Size of the grid of mask logits: a quarter of an input of 640 × 1152.
  static let (gridWidth, gridHeight) = (288, 160)

  let photo: RGBImage
  let masks: [Mask]
  let labels: [Label] = (0..<2).flatMap { _ in Self.parts.map(\.label) }

  /// - Parameter areFullSize: Whether masks are 8-bit pictures at full size, as other models' may be, instead of logits
  ///   on the grid.
  init(areFullSize: Bool, pool: WorkerPool) throws {
    let ellipses = Self.ellipses
    photo = try Self.photo(of: ellipses)
    let rows = AxisInterpolationWeights.bilinear(from: Self.gridHeight, to: Self.height)
    let columns = AxisInterpolationWeights.bilinear(from: Self.gridWidth, to: Self.width)
    masks = try ellipses.enumerated().map { index, ellipse in
      let plane = CoarsePlane(Constant(Self.logits(of: ellipse, seed: UInt64(index))))
      let mask = Mask(logits: MaskGrid(plane, rows: rows, columns: columns), extent: nil, pool: pool)
      return areFullSize ? Mask(try mask.alpha8(), pool: pool) : mask
    }
  }

  // MARK: Shapes

  /// An ellipse; lengths are fractions of the frame's height.
  private struct Ellipse {
    let (x, y, radiusX, radiusY): (Float, Float, Float, Float)
    let color: SIMD3<Float>

    /// 1 on the edge, less inside.
    func distance(_ x: Float, _ y: Float) -> Float {
      let (dx, dy) = ((x - self.x) / radiusX, (y - self.y) / radiusY)
      return (dx * dx + dy * dy).squareRoot()
    }
  }

  /// Parts of a person, the topmost first; x is relative to the person's middle.
  private static let parts: [(label: Label, x: Float, y: Float, radiusX: Float, radiusY: Float, color: SIMD3<Float>)] =
    [
      (.face, 0, 0.22, 0.1, 0.13, SIMD3(225, 180, 150)),
      (.hair, 0, 0.17, 0.15, 0.15, SIMD3(60, 40, 25)),
      (.pants, 0, 0.9, 0.26, 0.17, SIMD3(40, 50, 90)),
      (.leftArm, 0.24, 0.58, 0.07, 0.25, SIMD3(205, 160, 130)),
      (.rightArm, -0.24, 0.58, 0.07, 0.25, SIMD3(210, 165, 135)),
      (.upperClothes, 0, 0.56, 0.24, 0.27, SIMD3(150, 40, 60)),
    ]

  private static var ellipses: [Ellipse] {
    [0.45, 1.3].flatMap { middle in
      parts.map { Ellipse(x: middle + $0.x, y: $0.y, radiusX: $0.radiusX, radiusY: $0.radiusY, color: $0.color) }
    }
  }

  /// Mask logits that rise by about one per cell across the edge, with noise.
  private static func logits(of ellipse: Ellipse, seed: UInt64) -> [Float] {
    var generator = SplitMix64(seed: seed)
    let cell = (width: Float(width) / Float(height * gridWidth), height: 1 / Float(gridHeight))
    let slope = min(ellipse.radiusX, ellipse.radiusY) / cell.height
    return (0..<gridWidth * gridHeight).map { index in
      let (x, y) = (Float(index % gridWidth) + 0.5, Float(index / gridWidth) + 0.5)
      let inside = (1 - ellipse.distance(x * cell.width, y * cell.height)) * slope
      return min(max(inside + Float.random(in: -0.5...0.5, using: &generator), -12), 12)
    }
  }

  /// The parts in their colours over a gradient, with noise.
  private static func photo(of ellipses: [Ellipse]) throws -> RGBImage {
    var generator = SplitMix64(seed: 99)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * width * height)
    for y in 0..<height {
      for x in 0..<width {
        let (across, down) = (Float(x) / Float(height), Float(y) / Float(height))
        let background = SIMD3<Float>(90 + 60 * down, 140, 200 - 80 * across)
        let color = ellipses.first { $0.distance(across, down) < 1 }?.color ?? background
        let grain = Float.random(in: -6...6, using: &generator)
        for channel in 0..<3 { pixels.append(UInt8(min(max(color[channel] + grain, 0), 255))) }
      }
    }
    return try RGBImage(width: width, height: height, pixels: pixels)
  }
}

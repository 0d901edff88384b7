import ImageCoding
import KernelTestSupport
import OpticalFlow
import Platform
import TestSupport

/// Two pictures with a known motion from one to the other, made of a photograph; those of make_fixtures.py.
struct KnownMotion {
  static let names = ["still", "shift", "far", "light", "turn", "zoom", "walker"]
  private static let size = (width: 241, height: 135)
  private static let origin = SIMD2<Float>(117, 60)

  let first: GrayPlane
  let second: GrayPlane
  let truth: FlowField

  init(_ name: String) throws {
    let photograph = try RGBImage(contentsOf: Sample.photograph("two-people.jpg"))
    let plane = GrayPlane(photograph, cell: 2)
    let source = FlowField(width: plane.width, height: plane.height)
    let (values, motion) = (plane.values, try Motion(name))
    let (width, height) = Self.size
    let points = (0..<width * height).map { SIMD2(Float($0 % width), Float($0 / width)) }
    let here = Warp(points: points.map { $0 + Self.origin }, width: source.width, height: source.height)
    let there = Warp(
      points: points.map { motion.source(of: $0) + Self.origin }, width: source.width, height: source.height)
    first = GrayPlane(width: width, height: height, values: here(values))
    second = GrayPlane(
      width: width, height: height, values: there(values).map { name == "light" ? $0 * 0.8 + 20 : $0 })
    truth = FlowField(width: width, height: height, vectors: points.map(motion.vector))
  }

  /// Mean length of the errors of a field, without a border of eight pixels.
  func endpointError(_ field: FlowField) -> Float {
    var (sum, count): (Float, Float) = (0, 0)
    for y in 8..<truth.height - 8 {
      for x in 8..<truth.width - 8 {
        let error = field.vectors[y * field.width + x] - truth.vectors[y * truth.width + x]
        sum += (error.x * error.x + error.y * error.y).squareRoot()
        count += 1
      }
    }
    return sum / count
  }

  private enum Motion {
    case shift(SIMD2<Float>)
    /// A turn about the middle, with a change of size: cosine and sine times the scale.
    case affine(SIMD2<Float>)
    /// An ellipse that moves before a background that moves otherwise.
    case walker

    init(_ name: String) throws {
      switch name {
      case "still": self = .shift(SIMD2())
      case "shift": self = .shift(SIMD2(6.3, -2.6))
      case "far": self = .shift(SIMD2(24, 9))
      case "light": self = .shift(SIMD2(-3.5, 1.25))
      case "turn": self = .affine(SIMD2(0.998_629_5, 0.052_335_96))
      case "zoom": self = .affine(SIMD2(1.06, 0))
      case "walker": self = .walker
      default: throw UnknownMotion(name: name)
      }
    }

    private struct UnknownMotion: Error { let name: String }

    private static let middle = SIMD2<Float>(120.5, 67.5)

    private static func isInside(_ point: SIMD2<Float>) -> Bool {
      let (x, y) = ((point.x - 110) / 35, (point.y - 70) / 50)
      return x * x + y * y <= 1
    }

    /// The displacement of a point of the first picture.
    func vector(_ point: SIMD2<Float>) -> SIMD2<Float> {
      switch self {
      case .shift(let vector): return vector
      case .affine(let turn):
        let way = point - Self.middle
        return SIMD2(turn.x * way.x - turn.y * way.y, turn.y * way.x + turn.x * way.y) - way
      case .walker: return Self.isInside(point) ? SIMD2(8, 3) : SIMD2(-3, 0)
      }
    }

    /// The point of the first picture that a point of the second one shows.
    func source(of point: SIMD2<Float>) -> SIMD2<Float> {
      switch self {
      case .shift(let vector): return point - vector
      case .affine(let turn):
        let way = point - Self.middle
        let square = turn.x * turn.x + turn.y * turn.y
        return SIMD2(turn.x * way.x + turn.y * way.y, turn.x * way.y - turn.y * way.x) / square + Self.middle
      case .walker: return Self.isInside(point - SIMD2(8, 3)) ? point - SIMD2(8, 3) : point + SIMD2(3, 0)
      }
    }
  }
}

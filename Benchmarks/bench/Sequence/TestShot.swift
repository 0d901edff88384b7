import Foundation
import ImageCoding
import TensorCore

/// A shot made of still photographs, of which everything is known: people walk over two backgrounds, cross, leave and come
/// back; the light changes; there is a cut.
struct TestShot: Sendable {
  /// A frame with the truth about it.
  struct Frame: Sendable {
    let image: RGBImage
    /// Class of each pixel; 255 where nobody knows.
    let labels: [UInt8]
    /// Person of each pixel, from 1; 0 for nobody.
    let people: [UInt8]
    /// How much of each pixel is people.
    let alpha: [Float]
    let isCut: Bool
    /// People whose boxes overlap with another's.
    let crossing: Set<Int>
  }

  /// Where a person is in a frame: the middle of their feet, and their size.
  private struct Pose {
    var person: Int
    var x: Float
    var y: Float
    var scale: Float
  }

  static let length = 120
  /// Index of the first frame after the cut.
  static let cut = 80
  /// Standard deviation of the noise, in steps of a byte.
  private static let noise: Float = 2

  let width: Int
  let height: Int
  private let sources: ShotSources

  init(width: Int, height: Int, sources: ShotSources) {
    (self.width, self.height, self.sources) = (width, height, sources)
  }

  // MARK: Paths

  /// The people of a frame, those behind first.
  private func poses(_ frame: Int) -> [Pose] {
    let time = Float(frame)
    func pose(_ person: Int, _ x: Float, _ phase: Float) -> Pose {
      Pose(
        person: person, x: x * Float(width), y: (0.97 + 0.01 * sin(time * 0.7 + phase)) * Float(height),
        scale: 1 + 0.05 * sin(time * 0.1 + phase))
    }
    guard frame < Self.cut else {
      let after = time - Float(Self.cut)
      return [pose(4, 0.72 - 0.003 * after, 3), pose(1, 0.3 + 0.0025 * after, 0)]
    }
    // The third leaves to the right, and comes back.
    let away = min(max((time - 20) / 14, 0), 1) - min(max((time - 50) / 14, 0), 1)
    return [pose(2, 0.62 - 0.006 * time, 1), pose(3, 0.88 + 0.35 * away, 2), pose(1, 0.14 + 0.0068 * time, 0)]
  }

  /// Where the background's left top pixel is, for a camera that is held by hand.
  private func camera(_ frame: Int) -> SIMD2<Float> {
    let time = Float(frame < Self.cut ? frame : frame - Self.cut)
    let free = SIMD2(Float(width), Float(height)) * Float(ShotSources.margin)
    return free * SIMD2(0.1 + 0.006 * time + 0.03 * sin(time * 0.23), 0.5 + 0.1 * sin(time * 0.31))
  }

  private func gain(_ frame: Int) -> Float {
    let time = Float(frame)
    return frame < 20 || frame >= 60 ? 1 : 1 + 0.15 * sin((time - 20) * 0.157)
  }

  private func background(_ frame: Int) -> RGBImage { sources.backgrounds[frame < Self.cut ? 0 : 1] }

  /// Place in a person's cutout of a point of the frame, and the way back.
  private func place(_ point: SIMD2<Float>, in pose: Pose) -> SIMD2<Float> {
    let cutout = sources.people[pose.person - 1]
    return (point - SIMD2(pose.x, pose.y)) / pose.scale + SIMD2(Float(cutout.width) / 2, Float(cutout.height))
  }

  private func point(_ place: SIMD2<Float>, of pose: Pose) -> SIMD2<Float> {
    let cutout = sources.people[pose.person - 1]
    return (place - SIMD2(Float(cutout.width) / 2, Float(cutout.height))) * pose.scale + SIMD2(pose.x, pose.y)
  }

  // MARK: Frames

  func frame(_ index: Int) throws -> Frame {
    let (poses, camera, gain) = (poses(index), camera(index), gain(index))
    let scenery = background(index)
    let pixels = scenery.pixels
    var numbers = SplitMix64(seed: UInt64(index))
    var colors = [UInt8](repeating: 0, count: width * height * 3)
    var labels = [UInt8](repeating: 0, count: width * height)
    var people = labels
    var alpha = [Float](repeating: 0, count: width * height)
    for y in 0..<height {
      for x in 0..<width {
        let pixel = y * width + x
        let point = SIMD2(Float(x), Float(y))
        var color = Self.color(pixels, scenery.width, scenery.height, point + camera)
        for pose in poses {
          let (cutout, place) = (sources.people[pose.person - 1], place(point, in: pose))
          let sample = cutout.sample(place.x, place.y)
          guard sample.alpha > 0 else { continue }
          color += (sample.color - color) * sample.alpha
          alpha[pixel] += (1 - alpha[pixel]) * sample.alpha
          if sample.alpha >= 0.5 {
            (people[pixel], labels[pixel]) = (UInt8(pose.person), cutout.label(place.x, place.y))
          }
        }
        for channel in 0..<3 {
          let value = color[channel] * gain + Self.noise * Self.normal(&numbers)
          colors[3 * pixel + channel] = UInt8(min(max(value, 0), 255) + 0.499)
        }
      }
    }
    return Frame(
      image: try RGBImage(width: width, height: height, pixels: colors), labels: labels, people: people, alpha: alpha,
      isCut: index == Self.cut, crossing: crossing(poses))
  }

  private func crossing(_ poses: [Pose]) -> Set<Int> {
    var crossing: Set<Int> = []
    for pose in poses {
      let half = Float(sources.people[pose.person - 1].width) / 2
      for other in poses where other.person != pose.person {
        let otherHalf = Float(sources.people[other.person - 1].width) / 2
        if abs(pose.x - other.x) < 1.05 * (half + otherHalf) { crossing.insert(pose.person) }
      }
    }
    return crossing
  }

  /// For each pixel of a frame its place in the next one; `nil` where it is not seen there, and before a cut.
  func places(from index: Int, _ frame: Frame, to next: Frame) -> [Int?] {
    guard !next.isCut else { return Array(repeating: nil, count: width * height) }
    let (poses, others) = (poses(index), self.poses(index + 1))
    let way = camera(index) - camera(index + 1)
    return (0..<width * height).map { pixel in
      var point = SIMD2(Float(pixel % width), Float(pixel / width))
      let person = Int(frame.people[pixel])
      if person == 0 {
        point += way
      } else if let pose = poses.first(where: { $0.person == person }),
        let other = others.first(where: { $0.person == person })
      {
        point = self.point(place(point, in: pose), of: other)
      }
      let (x, y) = (Int(point.x.rounded()), Int(point.y.rounded()))
      guard x >= 0, y >= 0, x < width, y < height, next.people[y * width + x] == frame.people[pixel] else { return nil }
      return y * width + x
    }
  }

  private static func color(_ pixels: [UInt8], _ width: Int, _ height: Int, _ point: SIMD2<Float>) -> SIMD3<Float> {
    let (x, y) = (min(max(point.x, 0), Float(width - 2)), min(max(point.y, 0), Float(height - 2)))
    let (left, top) = (Int(x), Int(y))
    let (shareX, shareY) = (x - Float(left), y - Float(top))
    func pixel(_ x: Int, _ y: Int) -> SIMD3<Float> {
      let start = 3 * (y * width + x)
      return SIMD3(Float(pixels[start]), Float(pixels[start + 1]), Float(pixels[start + 2]))
    }
    let upper = pixel(left, top) + (pixel(left + 1, top) - pixel(left, top)) * shareX
    let lower = pixel(left, top + 1) + (pixel(left + 1, top + 1) - pixel(left, top + 1)) * shareX
    return upper + (lower - upper) * shareY
  }

  /// About normally distributed: a sum of four even ones, of standard deviation 1.
  private static func normal(_ numbers: inout SplitMix64) -> Float {
    let bits = numbers.next()
    let sum = (0..<4).reduce(Float(0)) { $0 + Float((bits >> (16 * UInt64($1))) & 0xffff) / 65_535 }
    return (sum - 2) * 1.732
  }
}

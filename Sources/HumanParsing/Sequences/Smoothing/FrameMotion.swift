import ImageCoding
import OpticalFlow
import TensorCore

/// What is needed of a picture to find the motion to the next.
struct MotionView: Sendable {
  /// Pixels to each side of a neighborhood whose mean brightness is taken away.
  private static let neighborhood = 8

  let pyramid: FlowPyramid
  /// Brightness less that of the neighborhood, so that a change of the light is no difference.
  let detail: [Float]
  private let impression: CutDetector.Impression

  init(_ image: RGBImage) {
    pyramid = FlowPyramid(image)
    detail = pyramid.finest.flattened(radius: Self.neighborhood).values
    impression = CutDetector.Impression(of: image)
  }

  /// Whether the other frame belongs to the same shot: it has the same size, and no cut is between them.
  func continues(_ earlier: MotionView) -> Bool {
    var cuts = CutDetector()
    _ = cuts.isCut(earlier.impression)
    return !cuts.isCut(impression) && pyramid.cell == earlier.pyramid.cell
      && pyramid.finest.width == earlier.pyramid.finest.width
      && pyramid.finest.height == earlier.pyramid.finest.height
  }
}

/// Where the pixels of a frame are in another, and how far to believe it: where the ways there and back agree, and the
/// pictures look alike.
struct FrameMotion: Sendable {
  private(set) var field: FlowField
  /// 0 to 1, axes (height, width) of the field.
  private(set) var trust: [Float]

  /// The motions between two frames that follow each other.
  ///
  /// - Parameter tolerance: Difference of brightness, 0 to 255, at which a pixel counts half.
  static func between(
    _ first: MotionView, _ second: MotionView, tolerance: Float, pool: WorkerPool
  ) -> (forward: FrameMotion, backward: FrameMotion) {
    let views = [first, second]
    let fields = pool.map(2) { index, _ in
      FlowField(from: views[index].pyramid, to: views[1 - index].pyramid)
    }
    let motions = pool.map(2) { index, _ in
      FrameMotion(
        field: fields[index], back: fields[1 - index], from: views[index].detail, to: views[1 - index].detail, tolerance
      )
    }
    return (motions[0], motions[1])
  }

  private init(field: FlowField, back: FlowField, from: [Float], to: [Float], _ tolerance: Float) {
    let warped = Warp(field)(to)
    let consistency = field.consistency(with: back)
    self.field = field
    trust = consistency.indices.map { index in
      let difference = (from[index] - warped[index]) / tolerance
      // Falls as a bell does, without a function that differs from processor to processor.
      return consistency[index] / (1 + difference * difference)
    }
  }

  /// The motion to a third frame, when `next` leads there from the second.
  func followed(by next: FrameMotion) -> FrameMotion {
    var result = self
    result.field = field.followed(by: next.field)
    let further = Warp(field)(next.trust)
    for index in trust.indices { result.trust[index] *= further[index] }
    return result
  }
}

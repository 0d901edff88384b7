public import ImageCoding
import TensorCore

/// Mattes that share out the pixels of one picture: at every pixel, those of all masks and of the background add up
/// to 1.
public struct MatteSet: Sendable {
  /// One for each mask, in the order of the masks.
  public let mattes: [Matte]
  /// What no mask covers: 1 less the sum of `mattes`.
  public let background: Matte

  /// Mattes of masks that belong to one picture, fitted to the edges of a photograph.
  ///
  /// Where probabilities add up to more than 1, they are scaled down to it: before they are refined and after. The
  /// statistics of the photo are computed once for all masks.
  /// - Parameters:
  ///   - masks: At least one, of the photo's size.
  ///   - weights: One for each mask, such as its score, at least 0: the larger, the more it keeps of pixels that others
  ///     claim too; nil for equal ones.
  ///   - photo: The picture that the masks belong to.
  ///   - refinement: How far and how closely mattes follow the photo; nil leaves the probabilities as they are.
  /// - Throws: `sizeMismatch`, or `invalidOption` for a refinement that cannot be.
  public init(
    _ masks: [Mask], weights: [Float]? = nil, of photo: RGBImage, refinement: MatteRefinement? = MatteRefinement()
  ) throws {
    guard let first = masks.first else {
      throw MaskMergingError(.sizeMismatch, "mattes of no masks have no size")
    }
    for mask in masks { try mask.checkSize(equals: photo.width, photo.height) }
    let weights = weights ?? masks.map { _ in 1 }
    guard weights.count == masks.count else {
      throw MaskMergingError(.sizeMismatch, "\(masks.count) masks come with \(weights.count) weights")
    }
    guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw MaskMergingError(.invalidProbability, "the weights of masks are at least 0 and finite, not \(weights)")
    }
    let pool = first.pool
    let planes: [FloatPlane]
    if let refinement {
      let plan = try refinement.plan(width: photo.width, height: photo.height)
      let guide = GuideStatistics(
        of: photo, cell: plan.cell, radius: plan.radius, epsilon: refinement.epsilon, pool: pool)
      planes = guide.refined(masks, weights: weights, pool: pool)
    } else {
      planes = masks.map { $0.probabilities() }
      resolveOverlaps(of: planes, weights: weights, pool: pool)
    }
    background = Matte(plane: shareOut(planes, contrast: refinement?.contrast ?? 1, pool: pool), pool: pool)
    mattes = planes.map { Matte(plane: $0, pool: pool) }
  }

  /// The sum of some of the mattes, such as those of one person's parts; empty where there are none.
  ///
  /// - Parameter indices: Into `mattes`; those beyond it add nothing.
  public func sum(of indices: some Sequence<Int>) -> Matte {
    let chosen = Set(indices).sorted().filter(mattes.indices.contains).map { mattes[$0] }
    // All have one size, so that they can be added up.
    return (try? Matte.sum(chosen)) ?? .empty(width: background.width, height: background.height)
  }
}

extension Mask {
  /// The mask's matte alone, fitted to the edges of a photograph.
  ///
  /// - Throws: `sizeMismatch`, or `invalidOption` for a refinement that cannot be.
  public func matte(
    refinedBy photo: RGBImage, _ refinement: MatteRefinement = MatteRefinement()
  ) throws -> Matte {
    let set = try MatteSet([self], of: photo, refinement: refinement)
    return set.mattes.first ?? set.background
  }
}

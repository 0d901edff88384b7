public import ImageCoding
import TensorCore

/// Masks of one picture, fitted to the edges of a photograph, from which mattes are made.
///
/// The masks and the background share out the pixels of the picture: at every pixel their shares add up to 1. Shares are
/// computed row by row, and only the mattes that are asked for are stored.
public struct FittedMasks: Sendable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Number of masks.
  public let count: Int
  private let rows: MaskRows
  private let contrast: Int
  private let pool: WorkerPool

  /// Masks fitted to the edges of a photograph.
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
    _ masks: [Mask], weights: [Float]? = nil, to photo: RGBImage, refinement: MatteRefinement? = MatteRefinement()
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
    (width, height, count) = (photo.width, photo.height, masks.count)
    contrast = refinement?.contrast ?? 1
    pool = first.pool
    if let refinement {
      let plan = try refinement.plan(width: photo.width, height: photo.height)
      let guide = GuideStatistics(
        of: photo, cell: plan.cell, radius: plan.radius, epsilon: refinement.epsilon, pool: pool)
      rows = .guided(guide, guide.models(of: masks, weights: weights, pool: pool))
    } else {
      let planes = masks.map { $0.probabilities() }
      resolveOverlaps(of: planes, weights: weights, pool: pool)
      rows = .stored(planes)
    }
  }

  /// Mattes of groups of masks, all made in one pass over the picture.
  ///
  /// - Parameter groups: Indices of masks, and `count` for the background; others add nothing.
  /// - Returns: For each group, the sum of the shares of its masks.
  public func mattes(of groups: [[Int]]) -> [Matte] {
    let groups = groups.map { Set($0).filter((0...count).contains).sorted() }
    let planes = groups.map { group in
      let areas = group.map { $0 == count ? (0..<height, 0..<width) : rows.area(of: $0) }
      return FloatPlane(
        width: width, height: height, rows: extent(of: areas.map(\.0)), columns: extent(of: areas.map(\.1)))
    }
    let rowShares = PerThread(pool) { RowShares(of: rows, count: count, width: width, contrast: contrast) }
    pool.forEachBand(ofRows: height) { band, thread in
      let shares = rowShares[thread]
      for y in band {
        shares.compute(y: y)
        for (group, plane) in zip(groups, planes) { shares.addUp(group, into: plane.pointer + y * width) }
      }
    }
    return planes.map { Matte(plane: $0, pool: pool) }
  }
}

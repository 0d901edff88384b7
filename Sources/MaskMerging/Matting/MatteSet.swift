public import ImageCoding
import TensorCore

/// Mattes that share out the pixels of one picture: at every pixel, those of all masks and of the background add up
/// to 1.
public struct MatteSet: Sendable {
  /// One for each mask, in the order of the masks.
  public let mattes: [Matte]
  /// What no mask covers: 1 less the sum of `mattes`.
  public let background: Matte

  /// The mattes of fitted masks, one for each.
  public init(_ masks: FittedMasks) {
    var mattes = masks.mattes(of: (0...masks.count).map { [$0] })
    background = mattes.removeLast()
    self.mattes = mattes
  }

  /// Mattes of masks that belong to one picture, fitted to the edges of a photograph.
  ///
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
    self.init(try FittedMasks(masks, weights: weights, to: photo, refinement: refinement))
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
    try FittedMasks([self], to: photo, refinement: refinement).mattes(of: [[0]])[0]
  }
}

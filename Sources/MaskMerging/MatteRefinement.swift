/// How mattes are fitted to the edges of the photograph: the guided filter of He, Sun and Tang ("Guided Image
/// Filtering", ECCV 2010), with the photo's three colours as the guide.
public struct MatteRefinement: Sendable, Hashable {
  /// Half the width of the windows, in pixels of the photo: how far a matte may move; nil for 1/90 of its short edge.
  public var radius: Int?
  /// What counts as an edge of the photo: variance of colours (0 to 1) in a window; the larger, the smoother the matte.
  public var epsilon: Float
  /// By how many pixels along each axis the filter's coefficients are computed coarser than the photo ("Fast Guided
  /// Filter", arXiv 1505.00996); 1 for the exact filter, nil for a quarter of the radius.
  public var subsampling: Int?

  public init(radius: Int? = nil, epsilon: Float = 1e-4, subsampling: Int? = nil) {
    self.radius = radius
    self.epsilon = epsilon
    self.subsampling = subsampling
  }

  /// Radius on the coarse grid and pixels along its cells' edges.
  ///
  /// - Throws: `invalidOption` for values that no filter has.
  func plan(width: Int, height: Int) throws(MaskMergingError) -> (radius: Int, cell: Int) {
    let radius = self.radius ?? max((min(width, height) + 45) / 90, 2)
    guard (1...Self.largestRadius).contains(radius) else {
      throw MaskMergingError(
        .invalidOption, "the radius of a matte's refinement is 1 to \(Self.largestRadius) pixels, not \(radius)")
    }
    guard epsilon > 0, epsilon <= 1 else {
      throw MaskMergingError(
        .invalidOption, "the epsilon of a matte's refinement is above 0 and at most 1, not \(epsilon)")
    }
    let cell = subsampling ?? min(max(radius / 4, 1), 16)
    guard (1...64).contains(cell) else {
      throw MaskMergingError(.invalidOption, "the subsampling of a matte's refinement is 1 to 64, not \(cell)")
    }
    return (max((radius + cell / 2) / cell, 1), cell)
  }

  package static let largestRadius = 4096
}

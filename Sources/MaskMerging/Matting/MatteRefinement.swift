/// How mattes are fitted to the edges of the photograph: the guided filter of He, Sun and Tang ("Guided Image
/// Filtering", ECCV 2010), with the photo's three colors as the guide.
public struct MatteRefinement: Sendable, Hashable {
  /// Half the width of the windows, in pixels of the photo: how far a matte may move; nil for 1/60 of its short edge.
  public var radius: Int?
  /// What counts as an edge of the photo: variance of colors (0 to 1) in a window; the larger, the smoother the matte.
  public var epsilon: Float
  /// By how many pixels along each axis the filter's coefficients are computed coarser than the photo ("Fast Guided
  /// Filter", arXiv 1505.00996); 1 for the exact filter, nil for a quarter of the radius.
  public var subsampling: Int?

  /// What steepens the shares of a pixel once they are fitted: each is raised to this power, and all are scaled to add up
  /// to 1 again. The filter averages, so that beside an edge a little of the probability from across it remains, a veil
  /// as wide as the radius; this takes it away, and with it what is below half a step of 8 bits, so that mattes are black
  /// and white where nothing is mixed. 1 to 8; 1 leaves the filter's values.
  public var contrast: Int

  /// A refinement of the given values; those that are left out have their defaults.
  public init(radius: Int? = nil, epsilon: Float = 1e-4, subsampling: Int? = nil, contrast: Int = 3) {
    self.radius = radius
    self.epsilon = epsilon
    self.subsampling = subsampling
    self.contrast = contrast
  }

  /// Radius on the coarse grid and pixels along its cells' edges.
  ///
  /// - Throws: `invalidOption` for values that no filter has.
  func plan(width: Int, height: Int) throws -> (radius: Int, cell: Int) {
    let radius = self.radius ?? max((min(width, height) + 30) / 60, 2)
    guard (1...Self.largestRadius).contains(radius) else {
      throw MaskMergingError(
        .invalidOption, "the radius of a matte's refinement is 1 to \(Self.largestRadius) pixels, not \(radius)")
    }
    guard epsilon > 0, epsilon <= 1 else {
      throw MaskMergingError(
        .invalidOption, "the epsilon of a matte's refinement is above 0 and at most 1, not \(epsilon)")
    }
    guard Self.contrasts.contains(contrast) else {
      throw MaskMergingError(
        .invalidOption, "the contrast of a matte's refinement is 1 to \(Self.contrasts.upperBound), not \(contrast)")
    }
    let cell = subsampling ?? min(max(radius / 4, 1), 16)
    guard (1...64).contains(cell) else {
      throw MaskMergingError(.invalidOption, "the subsampling of a matte's refinement is 1 to 64, not \(cell)")
    }
    return (max((radius + cell / 2) / cell, 1), cell)
  }

  package static let largestRadius = 4096
  package static let contrasts = 1...8
}

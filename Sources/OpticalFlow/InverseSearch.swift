package import ImageCoding

/// A picture as the search sees it: its brightness at several sizes, each half of the one before.
package struct FlowPyramid: Sendable {
  /// Short edge below which a level has no coarser one.
  private static let shortest = 2 * Patch.edge
  /// Short edge that the finest level has at least, where the picture has.
  private static let least = 180

  /// Edge of the squares of the picture's pixels that are a pixel of the finest level.
  package let cell: Int
  /// The finest level first.
  private(set) var levels: [GrayPlane]

  /// The finest level.
  package var finest: GrayPlane { levels[0] }

  /// The pyramid of a picture, whose finest level is a quarter of a frame of 1280 × 720 or 1920 × 1080, an eighth of one of
  /// 3840 × 2160, and half of one of 640 × 360.
  package init(_ image: RGBImage) {
    let most = min(image.width, image.height) / Self.least
    self.init(image, cell: most > 1 ? 1 << (Int.bitWidth - 1 - most.leadingZeroBitCount) : 1)
  }

  /// The pyramid of a picture.
  ///
  /// - Parameter cell: Edge of the squares of the picture's pixels that are a pixel of the finest level.
  package init(_ image: RGBImage, cell: Int) {
    self.init(GrayPlane(image, cell: cell), cell: cell)
  }

  /// The pyramid of a plane.
  package init(_ plane: GrayPlane, cell: Int = 1) {
    self.cell = cell
    levels = [plane]
    while let last = levels.last, min(last.width, last.height) >= 2 * Self.shortest { levels.append(last.halved()) }
  }
}

extension FlowField {
  /// Optical flow from one picture to another by dense inverse search (Kroeger et al., "Fast Optical Flow using Dense
  /// Inverse Search", ECCV 2016, arXiv 1603.03590) without its variational refinement: patches of 8 × 8 pixels every four
  /// pixels, with OpenCV's exchange of places between neighbors. Each step is rounded alike on every processor.
  ///
  /// - Returns: The field at the size of the finest levels; one without motion if these differ in size, or are smaller than
  ///   a patch.
  package init(from: FlowPyramid, to: FlowPyramid) {
    let (first, second) = (from.levels, to.levels)
    let (width, height) = (from.finest.width, from.finest.height)
    guard width == to.finest.width, height == to.finest.height, min(width, height) >= Patch.edge else {
      self.init(width: width, height: height)
      return
    }
    var field = FlowField(width: first[first.count - 1].width, height: first[first.count - 1].height)
    for level in first.indices.reversed() {
      if level + 1 < first.count { field = field.doubled(width: first[level].width, height: first[level].height) }
      var grid = PatchGrid(from: first[level], to: second[level])
      grid.search(from: field)
      field = grid.field()
    }
    self = field
  }

  /// The same motion at twice the size.
  private func doubled(width: Int, height: Int) -> FlowField {
    var vectors: [SIMD2<Float>] = []
    vectors.reserveCapacity(width * height)
    for y in 0..<height {
      for x in 0..<width {
        vectors.append(2 * vector(at: SIMD2((Float(x) - 0.5) / 2, (Float(y) - 0.5) / 2)))
      }
    }
    return FlowField(width: width, height: height, vectors: vectors)
  }
}

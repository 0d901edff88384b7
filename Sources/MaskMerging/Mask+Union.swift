package import TensorCore

extension Mask {
  /// The union of several masks: of their probabilities, the largest; inside is what is inside of any.
  ///
  /// - Throws: `sizeMismatch` where the masks differ in size, or where there are none.
  public static func union(_ masks: [Mask]) throws(MaskMergingError) -> Mask {
    guard let first = masks.first else {
      throw MaskMergingError(.sizeMismatch, "a union of no masks has no size")
    }
    for mask in masks { try mask.checkSize(equals: first.width, first.height) }
    return Mask(uniting: masks, width: first.width, height: first.height, pool: first.pool)
  }

  /// The union of masks of the given size; empty where there are none. `extent` is known where they do not overlap.
  package init(uniting masks: [Mask], width: Int, height: Int, extent: MaskExtent? = nil, pool: WorkerPool) {
    let decides = masks.contains { $0.decision != nil }
    self.init(
      width: width, height: height, source: .union(masks.map(\.source)),
      decision: decides ? .union(masks.map { $0.decision ?? $0.source }) : nil,
      extent: extent ?? (masks.count == 1 ? masks[0].extent : nil), pool: pool)
  }

  func checkSize(equals width: Int, _ height: Int) throws(MaskMergingError) {
    guard self.width == width, self.height == height else {
      throw MaskMergingError(
        .sizeMismatch, "a mask of \(self.width) × \(self.height) pixels beside one of \(width) × \(height)")
    }
  }
}

extension WorkerPool {
  /// The threads for masks that come from elsewhere: as many as the machine has processors.
  static var forMasks: WorkerPool { shared(threads: processorCount) }
}

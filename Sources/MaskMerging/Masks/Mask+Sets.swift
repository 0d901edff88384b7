package import TensorCore

extension Mask {
  /// The union of several masks: of their probabilities, the largest; inside is what is inside of any.
  ///
  /// - Throws: `sizeMismatch` where the masks differ in size, or where there are none.
  public static func union(_ masks: [Mask]) throws -> Mask {
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

  func checkSize(equals width: Int, _ height: Int) throws {
    guard self.width == width, self.height == height else {
      throw MaskMergingError(
        .sizeMismatch, "a mask of \(self.width) × \(self.height) pixels beside one of \(width) × \(height)")
    }
  }

  /// What several masks share: of their probabilities, the smallest; inside is what is inside of all.
  ///
  /// It is computed at once, at full size.
  /// - Throws: `sizeMismatch` where the masks differ in size, or where there are none.
  public static func intersection(_ masks: [Mask]) throws -> Mask {
    guard var result = masks.first else {
      throw MaskMergingError(.sizeMismatch, "an intersection of no masks has no size")
    }
    for mask in masks.dropFirst() { result = try result.intersection(mask) }
    return result
  }

  /// This mask without another: the smaller of its probability and what the other one leaves; inside is what is inside
  /// of this and not of the other.
  ///
  /// - Throws: `sizeMismatch` where the masks differ in size.
  public func subtracting(_ other: Mask) throws -> Mask {
    try other.checkSize(equals: width, height)
    let decides = decision != nil || other.decision != nil
    return Mask(
      width: width, height: height, source: .difference(source, other.source),
      decision: decides ? .difference(decision ?? source, other.decision ?? other.source) : nil, pool: pool)
  }

  private func intersection(_ other: Mask) throws -> Mask {
    try other.checkSize(equals: width, height)
    let (own, others) = (probabilities(), other.probabilities())
    let plane = FloatPlane(width: width, height: height)
    for index in 0..<plane.count { plane.pointer[index] = min(own.pointer[index], others.pointer[index]) }
    let hard = try hard().intersection(other.hard())
    return Mask(width: width, height: height, source: .matte(plane), decision: .hard(hard), pool: pool)
  }

  /// The probabilities at full size, axes (height, width), none above 1.
  func probabilities() -> FloatPlane {
    let plane = FloatPlane(width: width, height: height)
    forEachRow(of: source, negligible: 0.5 / 65535) { reader, y, _ in
      let row = plane.pointer + y * width
      // Probabilities summed over queries may exceed 1.
      for x in reader.raise(row, y: y) { row[x] = min(row[x], 1) }
    }
    return plane
  }
}

extension Mask {
  /// The person that each part belongs to: the one whose mask covers most of the part.
  ///
  /// A person who covers less than 30 % of the part's pixels does not count, and an empty part belongs to nobody: better
  /// no person than a wrong one. Of people who cover nearly the same share (within a tenth), the first wins: networks
  /// find some people twice, the second time with little confidence.
  /// - Parameters:
  ///   - parts: Masks of parts.
  ///   - people: Masks of people, most confident first, of the same size.
  /// - Returns: For each part, the index of its person, or `nil`.
  /// - Throws: ``MaskMergingError`` with the code `sizeMismatch` if masks differ in size.
  public static func assign(_ parts: [Mask], to people: [Mask]) throws -> [Int?] {
    guard let first = people.first else { return parts.map { _ in nil } }
    for mask in people + parts { try mask.checkSize(equals: first.width, first.height) }
    let personMasks = people.map { $0.hard() }
    return parts.map { part in
      let mask = part.hard()
      let shares = personMasks.map { Double(mask.sharedArea(with: $0)) }
      let enough = max((shares.max() ?? 0) * nearlyTheSame, smallestShare * Double(mask.area), 1)
      return shares.firstIndex { $0 >= enough }
    }
  }

  /// Smallest share of the part's area that makes somebody its person.
  private static let smallestShare = 0.3
  /// Share of the largest overlap from which on an overlap counts as nearly the same.
  private static let nearlyTheSame = 0.9
}

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

import TensorCore

/// Finds out which person each part belongs to: the one whose mask covers most of the part.
///
/// A person who covers less than 30 % of the part's pixels does not count, and an empty part belongs to nobody: better
/// no person than a wrong one. Of people who cover nearly the same (within a tenth), the first wins: networks find some
/// people twice, and the second time with little confidence.
/// - Parameters:
///   - parts: Masks of parts.
///   - people: Masks of people, most confident first, of the same size.
/// - Returns: For each part, the index of its person, or nil.
/// - Throws: `sizeMismatch` where masks differ in size.
public func assignParts(_ parts: [Mask], to people: [Mask]) throws(MaskMergingError) -> [Int?] {
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

/// Of the part's area.
private let smallestShare = 0.3
/// Of the largest share that anybody has.
private let nearlyTheSame = 0.9

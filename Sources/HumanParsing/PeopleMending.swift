/// How the masks of people are mended before they become people of a ``Parsing``: what the network sees as one person
/// may be several of similar size side by side, and may have specks far from the person.
///
/// The figures are measured on photographs kept out of training; see `Docs/CommandLine.md`, "People".
public struct PeopleMending: Sendable, Hashable {
  /// Connected areas smaller than this share of a mask are removed from it, 0 to 1; 0 for none.
  public var smallestSpeck: Double
  /// Several connected areas of at least this share of a mask, 0 to 1, become a person each if they lie side by side:
  /// if they have half of the rows of the lowest one in common. More than 1 for none.
  public var smallestPerson: Double

  /// Areas below 5 % of a mask are removed, areas of at least 10 % side by side become people.
  public static let standard = PeopleMending(smallestSpeck: 0.05, smallestPerson: 0.1)
  /// People are what the network says.
  public static let none = PeopleMending(smallestSpeck: 0, smallestPerson: .infinity)

  /// A mending with these shares.
  public init(smallestSpeck: Double, smallestPerson: Double) {
    self.smallestSpeck = smallestSpeck
    self.smallestPerson = smallestPerson
  }
}

extension PeopleMending {
  /// Person of each connected area of one mask.
  ///
  /// - Parameter areas: The connected areas of one mask.
  /// - Returns: For each area the number of its person, from 0; `nil` for areas that are removed.
  func persons(_ areas: MaskAreas) -> [Int?] {
    let sizes = areas.areas.map(\.cells)
    let total = Double(sizes.reduce(0, +))
    let large = sizes.indices.filter { Double(sizes[$0]) >= smallestPerson * total }
    let isSplit = large.count > 1 && Self.areSideBySide(large.map { areas.areas[$0].rows })
    var persons: [Int?] = sizes.map { Double($0) >= smallestSpeck * total ? 0 : nil }
    guard isSplit else {
      // The whole mask is confetti: better all of it than nothing.
      return persons.contains(0) ? persons : persons.map { _ in 0 }
    }
    var seeds: [Int?] = sizes.map { _ in nil }
    for (number, area) in large.enumerated() { seeds[area] = number }
    // The nearest person gets each area that is neither a person nor a speck.
    let nearest = areas.nearest(seeds)
    for area in sizes.indices where persons[area] != nil {
      persons[area] = seeds[area] ?? nearest[areas.areas[area].firstCell]
    }
    return persons
  }

  /// Share of the rows of the lowest area that all have to have in common.
  private static let commonRows = 0.5

  private static func areSideBySide(_ rows: [Range<Int>]) -> Bool {
    let top = rows.map(\.lowerBound).max() ?? 0
    let bottom = rows.map(\.upperBound).min() ?? 0
    return Double(bottom - top) >= commonRows * Double(rows.map(\.count).min() ?? 0)
  }
}

public import ImageCoding
public import MaskMerging

/// Mattes of a parsing: of parts, of people, and of the background. Parts, rests and background add up to 1 at every
/// pixel.
///
/// Mattes are computed when they are asked for, in one pass over the picture a call: ask for all that you need at once.
public struct ParsingMattes: Sendable {
  /// What a matte is of.
  public struct Request: Sendable, Hashable {
    /// What to add up; `human` is everybody, `background` the background. Labels that the picture does not show add
    /// nothing.
    public var labels: [Label]
    /// Indices of the people whose parts are meant; `nil` for all parts, also those that belong to nobody.
    public var people: [Int]?

    /// A request for some labels, of some people or of all.
    public init(_ labels: [Label], people: [Int]? = nil) {
      self.labels = labels
      self.people = people
    }
  }

  /// Pixels in a row.
  public var width: Int { fitted.width }
  /// Rows.
  public var height: Int { fitted.height }
  /// The parts of the parsing that have at least the minimum score.
  private let shownParts: [Part]
  private let peopleCount: Int
  /// The parts, and behind them the rests of the people.
  private let fitted: FittedMasks

  fileprivate init(_ shownParts: [Part], peopleCount: Int, _ fitted: FittedMasks) {
    self.shownParts = shownParts
    self.peopleCount = peopleCount
    self.fitted = fitted
  }

  /// Matte of each part with at least the minimum score, in the order of ``Parsing/parts``.
  public func parts() -> [(part: Part, matte: Matte)] {
    zip(shownParts, fitted.mattes(of: shownParts.indices.map { [$0] })).map { (part: $0, matte: $1) }
  }

  /// Matte of what each person covers beside the parts, in the order of ``Parsing/people``: the mattes of a person's parts
  /// and this one add up to the person's.
  public func rests() -> [Matte] { fitted.mattes(of: (0..<peopleCount).map { [rest(of: $0)] }) }

  /// Matte of each person, in the order of ``Parsing/people``.
  public func people() -> [Matte] { fitted.mattes(of: (0..<peopleCount).map(masks(ofPerson:))) }

  /// Matte of what neither parts nor people cover.
  public func background() -> Matte { matte(of: [.background]) }

  /// The sum of the mattes of some labels; see ``Request``.
  public func matte(of labels: [Label], people indices: [Int]? = nil) -> Matte {
    mattes(of: [Request(labels, people: indices)])[0]
  }

  /// The mattes that are asked for, in the order of the requests.
  public func mattes(of requests: [Request]) -> [Matte] { fitted.mattes(of: requests.map(masks(of:))) }

  private func rest(of person: Int) -> Int { shownParts.count + person }

  private func masks(ofPerson index: Int) -> [Int] {
    shownParts.indices.filter { shownParts[$0].person == index } + [rest(of: index)]
  }

  /// Indices of the masks that a request adds up.
  private func masks(of request: Request) -> [Int] {
    let wanted = Set(request.labels)
    let background = wanted.contains(.background) ? [fitted.count] : []
    guard wanted.contains(.human) else {
      return background
        + shownParts.indices.filter { index in
          let part = shownParts[index]
          return wanted.contains(part.label)
            && request.people.map { part.person.map($0.contains) ?? false } ?? true
        }
    }
    guard let people = request.people else { return background + Array(0..<shownParts.count + peopleCount) }
    return background + (0..<peopleCount).filter(people.contains).flatMap(masks(ofPerson:))
  }
}

extension Parsing {
  /// Mattes of all parts and people, fitted to the edges of the photograph. Pixels that several parts claim go to the
  /// parts with the higher scores.
  ///
  /// - Parameters:
  ///   - photo: The picture that was parsed.
  ///   - refinement: How far and how closely mattes follow the photo; `nil` leaves the probabilities as they are.
  ///   - minimumScore: Parts and people below it are left out; `nil` for ``Parsing/minimumScore`` and
  ///     ``Parsing/minimumPersonScore``.
  /// - Throws: `MaskMergingError` for a photo of another size or a refinement that cannot be.
  public func mattes(
    from photo: RGBImage, refinement: MatteRefinement? = MatteRefinement(), minimumScore: Float? = nil
  ) throws -> ParsingMattes {
    let least = minimumScore ?? self.minimumScore
    let shown = parts.filter { $0.score >= least }
    var rests: [Mask] = []
    for (index, person) in people.enumerated() {
      let own = shown.filter { $0.person == index }.map(\.mask)
      let isShown = person.score >= minimumScore ?? minimumPersonScore
      let whole = isShown ? person.mask : Mask(uniting: own, width: width, height: height, pool: pool)
      rests.append(own.isEmpty ? whole : try whole.subtracting(.union(own)))
    }
    let masks = shown.map(\.mask) + rests
    let nothing = Mask(uniting: [], width: width, height: height, pool: pool)
    let scores = shown.map(\.score) + people.map(\.score)
    let fitted = try FittedMasks(
      masks.isEmpty ? [nothing] : masks, weights: masks.isEmpty ? nil : scores, to: photo, refinement: refinement)
    return ParsingMattes(shown, peopleCount: people.count, fitted)
  }

  /// The matte of some labels; see ``ParsingMattes/matte(of:people:)``.
  ///
  /// - Parameters:
  ///   - labels: Labels whose mattes are added up.
  ///   - photo: The picture that was parsed.
  ///   - people: Indices of the people whose parts are meant; `nil` for all parts.
  ///   - refinement: How far and how closely the matte follows the photo; `nil` leaves the probabilities as they are.
  ///   - edges: Changes of its edge.
  /// - Throws: `MaskMergingError` for a photo of another size or settings that cannot be.
  public func matte(
    of labels: [Label], from photo: RGBImage, people: [Int]? = nil, refinement: MatteRefinement? = MatteRefinement(),
    edges: EdgeControls = EdgeControls()
  ) throws -> Matte {
    try mattes(from: photo, refinement: refinement).matte(of: labels, people: people).adjusted(edges)
  }

  /// The photo with the matte of a label as its straight alpha, and by default the colors of the foreground alone at its
  /// edges.
  ///
  /// - Throws: `MaskMergingError` for a photo of another size or settings that cannot be.
  public func layer(
    of label: Label, from photo: RGBImage, people: [Int]? = nil, refinement: MatteRefinement? = MatteRefinement(),
    edges: EdgeControls = EdgeControls(), edgeColors: EdgeColors = .foreground
  ) throws -> RGBAImage {
    try layer(
      of: [label], from: photo, people: people, refinement: refinement, edges: edges, edgeColors: edgeColors)
  }

  /// The photo with the matte of some labels as its straight alpha, and by default the colors of the foreground alone at
  /// its edges.
  ///
  /// - Throws: `MaskMergingError` for a photo of another size or settings that cannot be.
  public func layer(
    of labels: [Label], from photo: RGBImage, people: [Int]? = nil, refinement: MatteRefinement? = MatteRefinement(),
    edges: EdgeControls = EdgeControls(), edgeColors: EdgeColors = .foreground
  ) throws -> RGBAImage {
    try matte(of: labels, from: photo, people: people, refinement: refinement, edges: edges)
      .layer(of: photo, edgeColors: edgeColors)
  }

  /// The photo with some labels' look changed, blended in by their matte.
  ///
  /// - Throws: `MaskMergingError` for a photo of another size or settings that cannot be.
  public func adjusted(
    _ photo: RGBImage, labels: [Label], with adjustments: [Adjustment], people: [Int]? = nil,
    refinement: MatteRefinement? = MatteRefinement(), edges: EdgeControls = EdgeControls()
  ) throws -> RGBImage {
    try photo.adjusted(
      with: adjustments,
      where: matte(of: labels, from: photo, people: people, refinement: refinement, edges: edges))
  }

  /// The labels that a list such as `hair,face,@clothes` names among the model's; see
  /// `Label.resolve(_:among:groups:)`.
  ///
  /// - Throws: `unknownLabel` with the list of what is known.
  public func labels(named list: String, groups: [LabelGroup] = LabelGroup.standard) throws -> [Label] {
    try Label.resolve(list, among: classes, groups: groups)
  }
}

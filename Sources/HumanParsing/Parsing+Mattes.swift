public import ImageCoding
public import MaskMerging

/// Mattes of a parsing: of all parts, of every person, and of the background. Parts, rests and background add up to 1 at
/// every pixel.
public struct ParsingMattes: Sendable {
  /// Matte of each part with at least the minimum score, in the order of ``Parsing/parts``.
  public let parts: [(part: Part, matte: Matte)]
  /// Matte of what each person covers beside the parts, in the order of ``Parsing/people``: the mattes of a person's parts
  /// and this one add up to the person's.
  public let rests: [Matte]
  /// Matte of each person, in the order of ``Parsing/people``.
  public let people: [Matte]
  /// Matte of what neither parts nor people cover.
  public let background: Matte

  /// The sum of the mattes of some labels; `human` is everybody, `background` the background.
  ///
  /// - Parameters:
  ///   - labels: What to add up; labels that the picture does not show add nothing.
  ///   - indices: Indices of the people whose parts are meant; `nil` for all parts, also those that belong to nobody.
  public func matte(of labels: [Label], people indices: [Int]? = nil) throws -> Matte {
    let wanted = Set(labels)
    var mattes: [Matte] = []
    if wanted.contains(.background) { mattes.append(background) }
    if wanted.contains(.human) {
      mattes += people.indices.filter { indices?.contains($0) ?? true }.map { people[$0] }
      if indices == nil { mattes += parts.filter { $0.part.person == nil }.map(\.matte) }
    } else {
      mattes += parts.filter { found in
        wanted.contains(found.part.label)
          && indices.map { found.part.person.map($0.contains) ?? false } ?? true
      }.map(\.matte)
    }
    return mattes.isEmpty ? .empty(width: background.width, height: background.height) : try Matte.sum(mattes)
  }
}

extension Parsing {
  /// Mattes of all parts and people, fitted to the edges of the photograph. Pixels that several parts claim go to the
  /// parts with the higher scores.
  ///
  /// - Parameters:
  ///   - photo: The picture that was parsed.
  ///   - refinement: How far and how closely mattes follow the photo; `nil` leaves the probabilities as they are.
  ///   - minimumScore: Parts and people below it are left out; `nil` for ``Parsing/minimumScore``.
  /// - Throws: `MaskMergingError` for a photo of another size or a refinement that cannot be.
  public func mattes(
    from photo: RGBImage, refinement: MatteRefinement? = MatteRefinement(), minimumScore: Float? = nil
  ) throws -> ParsingMattes {
    let least = minimumScore ?? self.minimumScore
    let shown = parts.filter { $0.score >= least }
    var rests: [Mask] = []
    for (index, person) in people.enumerated() {
      let own = shown.filter { $0.person == index }.map(\.mask)
      let isShown = person.score >= least
      let whole = isShown ? person.mask : Mask(uniting: own, width: width, height: height, pool: pool)
      rests.append(own.isEmpty ? whole : try whole.subtracting(.union(own)))
    }
    let masks = shown.map(\.mask) + rests
    let nothing = Mask(uniting: [], width: width, height: height, pool: pool)
    let scores = shown.map(\.score) + people.map(\.score)
    let set = try MatteSet(
      masks.isEmpty ? [nothing] : masks, weights: masks.isEmpty ? nil : scores, of: photo, refinement: refinement)
    return ParsingMattes(
      parts: zip(shown, set.mattes).map { (part: $0, matte: $1) },
      rests: rests.indices.map { set.mattes[shown.count + $0] },
      people: rests.indices.map { index in
        set.sum(of: shown.indices.filter { shown[$0].person == index } + [shown.count + index])
      },
      background: set.background)
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

import ImageCoding
package import M2FP
import MaskMerging
package import TensorCore

extension Parsing {
  /// The result for one image from what the network says of it.
  ///
  /// - Parameters:
  ///   - output: The network's raw output.
  ///   - geometry: How the photo lies in the network's input.
  ///   - options: How the model's configuration wants it read; with `parsingOn` as instances, else as a semantic map.
  ///   - mending: How the masks of people are mended, where there are instances.
  ///   - pool: The threads for this and for everything that is computed from the masks later.
  /// - Throws: `ImageCodingError` or `MaskMergingError` where the picture is larger than any can be.
  package init(
    output: M2FPOutput, geometry: InputGeometry, options: InferenceOptions, mending: PeopleMending = .none,
    pool: WorkerPool
  ) throws {
    if options.parsingOn {
      try self.init(
        InstanceParsing(output, geometry: geometry, options: options, pool: pool), of: output, geometry, options,
        mending, pool)
    } else {
      try self.init(
        SemanticInference(output, geometry: geometry, options: options, pool: pool), geometry, options, pool)
    }
  }

  private init(
    _ inference: InstanceParsing, of output: M2FPOutput, _ geometry: InputGeometry,
    _ options: InferenceOptions, _ mending: PeopleMending, _ pool: WorkerPool
  ) throws {
    let finder = InstanceFinder(
      output: output, geometry: geometry, classes: options.classes.map { Label($0) }, mending: mending, pool: pool)
    let (people, parts) = try finder.peopleAndParts(inference)
    let owners = try Mask.assign(parts.map(\.mask), to: people.map(\.mask))
    let map = try LabelMap(width: geometry.sourceWidth, height: geometry.sourceHeight, indices: inference.labels)
    self.init(
      finder.classes, people: people, parts: parts, owners: owners, map,
      minimumScore: options.parsingScoreThreshold, minimumPersonScore: options.personScoreThreshold, pool)
  }

  private init(
    _ inference: SemanticInference, _ geometry: InputGeometry, _ options: InferenceOptions, _ pool: WorkerPool
  ) throws {
    let classes = options.classes.map { Label($0) }
    let map = try LabelMap(width: geometry.sourceWidth, height: geometry.sourceHeight, indices: inference.labels)
    let parts = inference.classes.filter { $0.category != 0 }.map { found in
      let box = BoundingBox(columns: found.columns, rows: found.rows)
      return Found(
        label: Label(found.category, in: classes), score: found.score, box: box, area: found.area,
        mask: inference.probabilities.mask(
          of: found.category, in: map, extent: MaskExtent(area: found.area, box: box), pool: pool))
    }
    let people = Found(uniting: parts, width: map.width, height: map.height, pool: pool).map { [$0] } ?? []
    self.init(
      classes, people: people, parts: parts, owners: parts.map { _ in 0 }, map, minimumScore: 0, minimumPersonScore: 0,
      pool)
  }

  private init(
    _ classes: [Label], people: [Found], parts: [Found], owners: [Int?], _ map: LabelMap, minimumScore: Float,
    minimumPersonScore: Float, _ pool: WorkerPool
  ) {
    let parts = zip(parts, owners).map { part, owner in
      Part(label: part.label, score: part.score, box: part.box, area: part.area, mask: part.mask, person: owner)
    }
    let people = people.enumerated().map { index, person in
      Person(
        score: person.score, box: person.box, area: person.area, mask: person.mask,
        parts: parts.filter { $0.person == index }, embedding: person.embedding)
    }
    self.init(
      classes: classes, people: people, parts: parts, labelMap: map, minimumScore: minimumScore,
      minimumPersonScore: minimumPersonScore, pool: pool)
  }
}

extension Found {
  /// The person that consists of parts that do not overlap; nil where there are none.
  fileprivate init?(uniting parts: [Found], width: Int, height: Int, pool: WorkerPool) {
    guard let box = BoundingBox(around: parts.map(\.box)) else { return nil }
    let area = parts.reduce(0) { $0 + $1.area }
    let weighted = parts.reduce(0.0) { $0 + Double($1.score) * Double($1.area) }
    self.init(
      label: .human, score: Float(weighted / Double(max(area, 1))), box: box, area: area,
      mask: Mask(
        uniting: parts.map(\.mask), width: width, height: height, extent: MaskExtent(area: area, box: box),
        pool: pool))
  }
}

import M2FP
import MaskMerging
import TensorCore
import TensorKernels

/// A part or person before they know of each other.
struct Found {
  let label: Label
  let score: Float
  let box: BoundingBox
  let area: Int
  let mask: Mask
  /// What the network's decoder says of the query, of people; persons of one query share it.
  var embedding: [Float] = []
}

/// Makes people and parts of the instances that the network found, and mends the masks of people.
struct InstanceFinder {
  let output: M2FPOutput
  let geometry: InputGeometry
  let classes: [Label]
  let mending: PeopleMending
  let pool: WorkerPool
  private let rows: AxisInterpolationWeights
  private let columns: AxisInterpolationWeights

  init(
    output: M2FPOutput, geometry: InputGeometry, classes: [Label], mending: PeopleMending, pool: WorkerPool
  ) {
    self.output = output
    self.geometry = geometry
    self.classes = classes
    self.mending = mending
    self.pool = pool
    rows = geometry.rowWeights(maskHeight: output.maskHeight)
    columns = geometry.columnWeights(maskWidth: output.maskWidth)
  }

  /// One query of a person, and how it falls into persons.
  private struct Candidate {
    let found: Found
    let query: Int
    let separation: PersonSeparation?
    /// Whether `found` is one of several persons of the query.
    var isPiece: Bool { separation.map { $0.count > 1 } ?? false }
  }

  /// People, most confident first, and parts in the network's order; a part of persons who were taken for one becomes a
  /// part of each.
  func peopleAndParts(_ inference: InstanceParsing) throws -> (people: [Found], parts: [Found]) {
    let candidates = inference.people.flatMap(candidates).enumerated()
      .sorted { ($1.element.found.score, $0.offset) < ($0.element.found.score, $1.offset) }.map(\.element)
    guard candidates.contains(where: \.isPiece) else {
      return (candidates.map(\.found), inference.parts.compactMap(found))
    }
    let parts: [(query: Int, found: Found)] = inference.parts.compactMap { part in
      found(part).map { (part.query, $0) }
    }
    let whole = try Mask.assign(parts.map(\.found.mask), to: candidates.map(\.found.mask))
    let pieces = zip(parts, whole).flatMap { part, owner -> [Found] in
      guard let owner, let separation = candidates[owner].separation, separation.count > 1 else { return [part.found] }
      return (0..<separation.count).compactMap { person in
        found(
          part.found.label, part.found.score,
          separation.plane(output.logits(part.query), of: person, isPart: true))
      }
    }
    return (try distinct(candidates).map(\.found), pieces)
  }

  /// The persons of one query.
  private func candidates(_ instance: Instance) -> [Candidate] {
    guard let whole = found(instance) else { return [] }
    guard
      let separation = PersonSeparation(output, query: instance.query, geometry: geometry, mending: mending)
    else { return [Candidate(found: whole, query: instance.query, separation: nil)] }
    let logits = output.logits(instance.query)
    let persons = (0..<separation.count).compactMap {
      found(whole.label, whole.score, separation.plane(logits, of: $0), whole.embedding)
    }
    // An area of the grid may vanish at the picture's size.
    return (persons.isEmpty ? [whole] : persons).map {
      Candidate(found: $0, query: instance.query, separation: separation)
    }
  }

  /// Share of a piece's area that lies in somebody who was found in one piece, or before it, for it to be the same person.
  private static let sameShare = 0.7

  /// The candidates without pieces that are somebody else once more.
  private func distinct(_ candidates: [Candidate]) throws -> [Candidate] {
    let masks = candidates.map { $0.found.mask.hard() }
    var kept = candidates.indices.filter { !candidates[$0].isPiece }
    for index in candidates.indices where candidates[index].isPiece {
      let isKnown = try kept.contains { other in
        try Double(masks[index].intersection(masks[other]).area)
          > Self.sameShare * Double(candidates[index].found.area)
      }
      if !isKnown { kept.append(index) }
    }
    return kept.sorted().map { candidates[$0] }
  }

  private func found(_ instance: Instance) -> Found? {
    guard let box = instance.statistics.box else { return nil }
    let grid = MaskGrid(output.mask(instance.query), rows: rows, columns: columns)
    let extent = MaskExtent(area: instance.statistics.area, box: box)
    return Found(
      label: Label(instance.category, in: classes), score: instance.score, box: box, area: extent.area,
      mask: Mask(logits: grid, extent: extent, pool: pool), embedding: Array(output.embedding(instance.query)))
  }

  /// A mended mask, of which nobody knows the extent yet; `nil` if it is empty.
  private func found(
    _ label: Label, _ score: Float, _ plane: CoarsePlane, _ embedding: [Float] = []
  ) -> Found? {
    let grid = MaskGrid(plane, rows: rows, columns: columns)
    let hard = Mask(logits: grid, extent: nil, pool: pool).hard()
    guard let box = hard.box else { return nil }
    let extent = MaskExtent(area: hard.area, box: box)
    return Found(
      label: label, score: score, box: box, area: extent.area,
      mask: Mask(logits: grid, extent: extent, pool: pool), embedding: embedding)
  }
}

extension Label {
  /// The class of an index, also where the configuration does not name it.
  init(_ category: Int, in classes: [Label]) {
    self = classes.indices.contains(category) ? classes[category] : Label("Class \(category)")
  }
}

extension MaskStatistics {
  /// The smallest rectangle that holds the mask; `nil` where it is empty.
  fileprivate var box: BoundingBox? {
    guard let rows, let columns else { return nil }
    return BoundingBox(columns: columns, rows: rows)
  }
}

import M2FP
import TensorCore

/// A frame that lends what it shows to the one that is smoothed.
struct SmoothingNeighbor: Sendable {
  let output: M2FPOutput
  let motion: MaskMotion
  /// Frames from the one that is smoothed: negative for those before.
  let distance: Int
}

/// The smoothing of what the network says of one frame with what it says of its neighbors.
///
/// Queries of two frames are matched by masks, classes and descriptions. Mask logits of matched queries, moved as the
/// pictures move, give way to their weighted median, cell by cell, and class logits are averaged, query by query. So label map, people, parts and mattes, which are all
/// made of these, agree with each other. Weights fall with the distance of frames, and to 0 where a motion cannot be
/// believed (MCMA, arXiv 2403.03120, with a window in place of its recursion: a frame's result depends on its neighbors
/// alone, wherever a run began).
struct ObservationSmoothing {
  private let parameters: SmoothingParameters
  private let pool: WorkerPool
  /// The class of whole people; `nil` for networks without.
  private let human: Int?
  private var output: M2FPOutput
  private let own: [QueryView]
  private let neighbors: [(neighbor: SmoothingNeighbor, views: [QueryView], match: [Int?])]

  /// - Parameters:
  ///   - output: What the network says of the frame.
  ///   - neighbors: At most one at each distance.
  init(
    _ output: M2FPOutput, neighbors: [SmoothingNeighbor], human: Int?, parameters: SmoothingParameters, pool: WorkerPool
  ) {
    (self.output, self.human, self.parameters, self.pool) = (output, human, parameters, pool)
    let own = QueryView.all(of: output, warpedBy: nil, pool: pool)
    self.own = own
    self.neighbors = neighbors.map { neighbor in
      let views = QueryView.all(of: neighbor.output, warpedBy: neighbor.motion, pool: pool)
      return (neighbor, views, Self.matches(own, views, human: human))
    }
  }

  /// For each query of some its counterpart among others.
  private static func matches(_ queries: [QueryView], _ others: [QueryView], human: Int?) -> [Int?] {
    minimumCostAssignment(rows: queries.count, columns: others.count) { row, column in
      queries[row].likeness(to: others[column], human: human).map { 1 - $0 }
    }
  }

  private func neighbor(at distance: Int) -> (neighbor: SmoothingNeighbor, views: [QueryView], match: [Int?])? {
    neighbors.first { $0.neighbor.distance == distance }
  }

  /// The smoothed output.
  func smoothed() -> M2FPOutput {
    guard !neighbors.isEmpty else { return output }
    var logits = output.predLogits
    let averages = pool.map(own.count) { index, _ in average(of: index) }
    for (index, average) in averages.enumerated() {
      let start = own[index].query * (output.classes + 1)
      for (offset, value) in average.classes.enumerated() { logits[start + offset] = value }
    }
    var masks = Dictionary(uniqueKeysWithValues: zip(own.map(\.query), averages.map(\.mask)))
    var embeddings = output.queryEmbeddings
    fillGaps(&logits, &masks, &embeddings)
    let size = output.maskWidth * output.maskHeight
    let planes = Constant<Float>(count: output.predMasks.count) { target in
      output.predMasks.withElements { _ = target.initialize(fromContentsOf: $0) }
      for (query, mask) in masks { for (cell, value) in mask.enumerated() { target[query * size + cell] = value } }
    }
    var result = M2FPOutput(
      queries: output.queries, classes: output.classes, predLogits: logits, predMasks: planes,
      maskHeight: output.maskHeight, maskWidth: output.maskWidth)
    result.queryEmbeddings = embeddings
    return result
  }

  private func weight(_ distance: Int) -> Float {
    (1..<max(abs(distance), 1)).reduce(parameters.weight) { weight, _ in weight * parameters.decay }
  }

  private func classLogits(_ output: M2FPOutput, _ query: Int) -> ArraySlice<Float> {
    output.predLogits[query * (output.classes + 1)..<(query + 1) * (output.classes + 1)]
  }

  // MARK: Averages

  /// Mask and class logits of a query and its counterparts together. A mean of masks would blur their edges, where they differ
  /// by a cell, and so wear thin parts away; the median of several sharp edges is a sharp one.
  private func average(of index: Int) -> (mask: [Float], classes: [Float]) {
    let view = own[index]
    var mask = view.logits
    let members = neighbors.compactMap { neighbor, views, match in
      match[index].map { (logits: views[$0].logits, trust: neighbor.motion.trust, weight: weight(neighbor.distance)) }
    }
    var median = WeightedMedian(capacity: members.count + 1)
    for cell in mask.indices {
      median.begin(with: mask[cell], weight: 1)
      for member in members { median.add(member.logits[cell], weight: member.weight * member.trust[cell]) }
      mask[cell] = median.value
    }
    return (mask, classes(of: index))
  }

  /// Class logits of a query: the frames vote for a class with their probabilities, and the logits of those that hold it
  /// the likeliest are averaged. An average of all would take certainty from each, and leave holes between the parts.
  private func classes(of index: Int) -> [Float] {
    let view = own[index]
    var members: [(view: QueryView, output: M2FPOutput, weight: Float)] = [(view, output, 1)]
    for (neighbor, views, match) in neighbors {
      guard let counterpart = match[index].map({ views[$0] }) else { continue }
      let share = weight(neighbor.distance) * view.cells.mean(of: neighbor.motion.trust)
      members.append((counterpart, neighbor.output, share))
    }
    var votes = [Float](repeating: 0, count: output.classes)
    for member in members {
      for (index, probability) in member.view.probabilities.enumerated() {
        votes[index] += member.weight * probability
      }
    }
    let winner = votes.indices.max { (votes[$0], $1) < (votes[$1], $0) }
    let agreeing = members.filter { $0.view.category == winner }
    var classes = [Float](repeating: 0, count: output.classes + 1)
    var weight: Float = 0
    for member in agreeing {
      for (offset, logit) in classLogits(member.output, member.view.query).enumerated() {
        classes[offset] += member.weight * logit
      }
      weight += member.weight
    }
    // A neighbor that is not believed at all may be the only one that agrees.
    if weight > 0 {
      for offset in classes.indices { classes[offset] /= weight }
    } else {
      classes = Array(classLogits(output, view.query))
    }
    if isLonely(index) { classes[output.classes] += parameters.lonelyPenalty }
    return classes
  }

  /// Trust from which on a neighbor's word is taken against the frame's own.
  private static let believed: Float = 0.5

  /// Whether neither neighbor shows what a query of the frame does, though both could.
  private func isLonely(_ index: Int) -> Bool {
    guard let before = neighbor(at: -1), let after = neighbor(at: 1), before.match[index] == nil,
      after.match[index] == nil
    else { return false }
    return own[index].cells.mean(of: before.neighbor.motion.trust) >= Self.believed
      && own[index].cells.mean(of: after.neighbor.motion.trust) >= Self.believed
  }

  // MARK: Gaps

  /// Puts what both neighbors show and the frame lacks into queries that show nothing.
  private func fillGaps(_ logits: inout [Float], _ masks: inout [Int: [Float]], _ embeddings: inout [Float]) {
    guard let before = neighbor(at: -1), let after = neighbor(at: 1) else { return }
    let free = (Set(before.views.indices).subtracting(before.match.compactMap(\.self))).sorted()
    let others = (Set(after.views.indices).subtracting(after.match.compactMap(\.self))).sorted()
    let first = free.map { before.views[$0] }
    let second = others.map { after.views[$0] }
    var slots = Set(0..<output.queries).subtracting(own.map(\.query)).sorted()[...]
    for (index, match) in Self.matches(first, second, human: human).enumerated() {
      guard let match, let slot = slots.first else { continue }
      let (a, b) = (first[index], second[match])
      guard a.category == b.category, a.cells.overlap(with: b.cells) >= 0.5, a.cells.count > 0,
        a.cells.mean(of: before.neighbor.motion.trust) >= Self.believed,
        b.cells.mean(of: after.neighbor.motion.trust) >= Self.believed, !isShown(a)
      else { continue }
      slots.removeFirst()
      masks[slot] = zip(a.logits, b.logits).map { ($0 + $1) / 2 }
      let classes = zip(
        classLogits(before.neighbor.output, a.query), classLogits(after.neighbor.output, b.query)
      ).map { ($0 + $1) / 2 }
      for (offset, value) in classes.enumerated() { logits[slot * (output.classes + 1) + offset] = value }
      let width = embeddings.count / output.queries
      for (offset, value) in before.neighbor.output.embedding(a.query).enumerated() {
        embeddings[slot * width + offset] = value
      }
    }
  }

  /// Whether queries of the frame cover most of a mask with the same class.
  private func isShown(_ view: QueryView) -> Bool {
    own.contains { $0.category == view.category && 2 * $0.cells.shared(with: view.cells) >= view.cells.count }
  }
}

/// The median of a few values with weights: the least value that has half of all weights at or below it.
private struct WeightedMedian {
  private var values: [Float]
  private var weights: [Float]
  private var count = 0

  init(capacity: Int) {
    values = Array(repeating: 0, count: capacity)
    weights = values
  }

  /// Forgets all values, and adds one.
  mutating func begin(with value: Float, weight: Float) {
    count = 0
    add(value, weight: weight)
  }

  /// Adds a value, in its order.
  mutating func add(_ value: Float, weight: Float) {
    var place = count
    while place > 0, values[place - 1] > value {
      (values[place], weights[place]) = (values[place - 1], weights[place - 1])
      place -= 1
    }
    (values[place], weights[place]) = (value, weight)
    count += 1
  }

  var value: Float {
    var total: Float = 0
    for index in 0..<count { total += weights[index] }
    var reached: Float = 0
    for index in 0..<count {
      reached += weights[index]
      if 2 * reached >= total { return values[index] }
    }
    return values[count - 1]
  }
}

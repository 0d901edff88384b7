import M2FP
import TensorCore

/// A query of a frame that may show something.
struct QueryView: Sendable {
  /// Index of the query in its frame.
  let query: Int
  /// Probability of each class.
  let probabilities: [Float]
  /// The most likely class.
  let category: Int
  /// The network's description of it.
  let embedding: Embedding
  /// Mask logits on the grid of the frame that is smoothed.
  let logits: [Float]
  /// The cells inside of the mask, a bit each.
  let cells: CellSet

  /// Probability of its most likely class below which a query shows nothing.
  private static let leastProbability: Float = 0.05

  /// The queries of an output that may show something.
  ///
  /// - Parameter warp: Brings logits to the grid that they are to be compared on; `nil` for their own.
  static func all(of output: M2FPOutput, warpedBy motion: MaskMotion?, pool: WorkerPool) -> [QueryView] {
    let probabilities = output.classProbabilities()
    let found = (0..<output.queries).compactMap { query -> (Int, [Float])? in
      let row = Array(probabilities[query * output.classes..<(query + 1) * output.classes])
      return row.contains { $0 >= leastProbability } ? (query, row) : nil
    }
    return pool.map(found.count) { index, _ in
      let (query, row) = found[index]
      let own = output.logits(query).withElements(Array.init)
      let logits = motion?.warp(own) ?? own
      let category = row.indices.max { (row[$0], $1) < (row[$1], $0) } ?? 0
      return QueryView(
        query: query, probabilities: row, category: category, embedding: Embedding(Array(output.embedding(query))),
        logits: logits, cells: CellSet(logits) { $0 > 0 })
    }
  }

  /// How much two queries are the same thing, 0 to 1: half by their masks, a quarter each by their classes and by their
  /// descriptions. `nil` if they cannot be.
  func likeness(to other: QueryView, human: Int?) -> Float? {
    guard (category == human) == (other.category == human) else { return nil }
    let overlap = cells.overlap(with: other.cells)
    let cosine = max(embedding.cosine(other.embedding) ?? overlap, 0)
    let shared = zip(probabilities, other.probabilities).reduce(Float(0)) { $0 + min($1.0, $1.1) }
    guard overlap >= 0.3 || (overlap >= 0.1 && cosine >= 0.9) else { return nil }
    return overlap / 2 + cosine / 4 + shared / 4
  }
}

/// Cells of a grid, a bit each.
struct CellSet: Sendable, Hashable {
  private let words: [UInt64]
  /// Number of cells.
  let count: Int

  /// The cells whose values are wanted.
  init(_ values: [Float], where isWanted: (Float) -> Bool) {
    var words = [UInt64](repeating: 0, count: (values.count + 63) / 64)
    for (index, value) in values.enumerated() where isWanted(value) { words[index >> 6] |= 1 << UInt64(index & 63) }
    self.words = words
    count = words.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// Cells in common.
  func shared(with other: CellSet) -> Int { zip(words, other.words).reduce(0) { $0 + ($1.0 & $1.1).nonzeroBitCount } }

  /// Intersection over union, 0 to 1; 0 if both are empty.
  func overlap(with other: CellSet) -> Float {
    let shared = shared(with: other)
    let all = count + other.count - shared
    return all > 0 ? Float(shared) / Float(all) : 0
  }

  /// Mean of values over the cells; 0 if there are none.
  func mean(of values: [Float]) -> Float {
    var sum: Float = 0
    for (index, word) in words.enumerated() where word != 0 {
      for bit in 0..<64 where word & (1 << UInt64(bit)) != 0 { sum += values[index * 64 + bit] }
    }
    return count > 0 ? sum / Float(count) : 0
  }
}

import TensorCore
import TensorKernels

/// The most likely class of each pixel, and score, area and bounds of each class.
struct SemanticDecision {
  private(set) var labels: [UInt8] = []
  private(set) var classes: [SemanticClass] = []

  init(_ probabilities: ClassProbabilities, pool: WorkerPool) {
    let height = probabilities.rows.outputCount
    let width = probabilities.columns.outputCount
    let bands = (0..<height).split(by: 16)
    let deciders = PerThread(pool) { RowDecider(probabilities) }
    var tallies: [[ClassTally]] = []
    labels = [UInt8](unsafeUninitializedCapacity: height * width) { labels, count in
      let labels = DisjointBuffer(labels)
      tallies = pool.map(bands.count) { band, thread in deciders[thread].decide(bands[band], into: labels) }
      count = height * width
    }
    var sums = Array(repeating: ClassTally(), count: probabilities.classes)
    for tallies in tallies {
      for (category, tally) in tallies.enumerated() { sums[category].add(tally) }
    }
    classes = sums.enumerated().compactMap { category, tally in
      guard let rows = tally.rows, let columns = tally.columns else { return nil }
      let score = Float(tally.sum / (Double(tally.area) + 1))
      return SemanticClass(category: category, score: score, area: tally.area, rows: rows, columns: columns)
    }
  }
}

/// Area and bounds of the pixels of one class, and the sum of the logistic function of their probabilities.
private struct ClassTally {
  var area = 0
  var sum = 0.0
  var rows: Range<Int>?
  var columns: Range<Int>?

  @inline(__always)
  mutating func add(x: Int, probability: Float) {
    area += 1
    sum += Double(probability)
    if let range = columns {
      if x >= range.upperBound { columns = range.lowerBound..<x + 1 }
      if x < range.lowerBound { columns = x..<range.upperBound }
    } else {
      columns = x..<x + 1
    }
  }

  mutating func add(_ other: ClassTally) {
    area += other.area
    sum += other.sum
    rows = hull(rows, other.rows)
    columns = hull(columns, other.columns)
  }
}

/// Computes rows of the semantic map, with the scratch buffers of one thread.
private final class RowDecider {
  private let probabilities: ProbabilityRows
  private let classes: Int
  private let width: Int
  private let best: RowBuffer
  private var winners: [Int32]

  init(_ probabilities: ClassProbabilities) {
    self.probabilities = ProbabilityRows(probabilities)
    classes = probabilities.classes
    width = probabilities.columns.outputCount
    best = RowBuffer(count: width)
    winners = Array(repeating: 0, count: width)
  }

  /// Writes the labels of `rows` into the whole map and returns the tally of each class.
  func decide(_ rows: Range<Int>, into labels: DisjointBuffer<UInt8>) -> [ClassTally] {
    var tallies = Array(repeating: ClassTally(), count: classes)
    probabilities.begin()
    for y in rows {
      decide(probabilities.row(y))
      for x in 0..<width { labels.initialize(y * width + x, to: UInt8(truncatingIfNeeded: winners[x])) }
      tally(y, &tallies)
    }
    return tallies
  }

  private func decide(_ row: Matrix) {
    best.pointer.update(repeating: -.infinity, count: width)
    for category in 0..<classes {
      winners.withUnsafeMutableBufferPointer { winners in
        guard let base = winners.baseAddress else { return }
        chooseLarger(
          row.row(category), in: 0..<width, category: Int32(truncatingIfNeeded: category), best: best.pointer,
          winners: base)
      }
    }
  }

  private func tally(_ y: Int, _ tallies: inout [ClassTally]) {
    logistic(best.pointer, in: 0..<width)
    for x in 0..<width {
      let winner = Int(winners[x])
      tallies[winner].add(x: x, probability: best.pointer[x])
      tallies[winner].rows = (tallies[winner].rows?.lowerBound ?? y)..<y + 1
    }
  }
}

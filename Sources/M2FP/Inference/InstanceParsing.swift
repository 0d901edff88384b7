package import TensorCore
import TensorKernels

/// One part or person that the network found.
package struct Instance: Sendable {
  /// Index of the query whose mask it is.
  package let query: Int
  package let category: Int
  /// Class probability times the mean probability inside the mask.
  package let score: Float
  package let statistics: MaskStatistics
}

/// Parts, people and the semantic map of an image with several humans: M2FP's instance inference.
///
/// The results are ModelScope's (`M2FP.instance_parsing_inference`), but masks are only sampled row by row at the
/// photo's size, and only for queries whose class probability lets them matter.
package struct InstanceParsing: Sendable {
  /// Parts with a score of at least 0.1, without background, in ModelScope's order.
  package let parts: [Instance]
  /// People with a score above 0.1, in ModelScope's order.
  package let people: [Instance]
  /// The class of each pixel, axes (sourceHeight, sourceWidth); 0 where no part is likely.
  package let labels: [UInt8]

  /// Candidates that ModelScope looks at (`test_topk_per_image`).
  private static let candidates = 100
  private static let smallestScore: Float = 0.1

  package init(_ output: M2FPOutput, geometry: InputGeometry, options: InferenceOptions, pool: WorkerPool) {
    let probabilities = output.classProbabilities()
    let candidates = topIndices(of: probabilities, count: Self.candidates)
      .filter { probabilities[$0] >= Self.smallestScore }
    let planes = MaskPlanes(output, geometry: geometry, queries: Set(candidates.map { $0 / output.classes }))
    let statistics = planes.statistics(pool: pool)
    let instances = candidates.map { candidate in
      let query = candidate / output.classes
      let mask = statistics[query] ?? MaskStatistics()
      let score = probabilities[candidate] * mask.meanProbability
      return Instance(query: query, category: candidate % output.classes, score: score, statistics: mask)
    }
    let human = options.numParsing
    parts = instances.filter { $0.category != human && $0.category != 0 && $0.score >= Self.smallestScore }
    people = instances.filter { $0.category == human && $0.score > Self.smallestScore }
    let pasted = instances.filter { $0.category < human && $0.score >= options.parsingScoreThreshold }
    labels = planes.paste(pasted, pool: pool)
  }
}

/// The masks of some queries, read row by row at the photo's size.
struct MaskPlanes {
  let output: M2FPOutput
  let rows: AxisInterpolationWeights
  let columns: AxisInterpolationWeights
  /// The pixels where each query's mask may be positive.
  let supports: [Int: PlaneSupport]

  init(_ output: M2FPOutput, geometry: InputGeometry, queries: Set<Int>) {
    self.output = output
    let rows = geometry.rowWeights(maskHeight: output.maskHeight)
    let columns = geometry.columnWeights(maskWidth: output.maskWidth)
    self.rows = rows
    self.columns = columns
    supports = Dictionary(
      uniqueKeysWithValues: queries.map {
        ($0, PlaneSupport(of: output.mask($0), above: 0, rows: rows, columns: columns))
      })
  }

  private struct Band {
    let query: Int
    let support: PlaneSupport
    let rows: Range<Int>
  }

  /// Area, bounds and mean probability of each query's mask.
  func statistics(pool: WorkerPool) -> [Int: MaskStatistics] {
    let bands = supports.sorted { $0.key < $1.key }.flatMap { query, support in
      support.rows.split(by: 96).map { Band(query: query, support: support, rows: $0) }
    }
    let scratch = PerThread(pool) {
      (upsampler: PlaneUpsampler(rows: rows, columns: columns), row: RowBuffer(count: columns.outputCount))
    }
    let results = pool.map(bands.count) { index, thread in
      let (upsampler, row) = scratch[thread]
      let band = bands[index]
      var statistics = MaskStatistics()
      upsampler.begin(output.mask(band.query), support: band.support)
      for y in band.rows {
        let span = upsampler.row(y, into: row.pointer)
        if !span.isEmpty { statistics.add(row.pointer, span, y: y) }
      }
      return statistics
    }
    var sums: [Int: MaskStatistics] = [:]
    for (band, statistics) in zip(bands, results) { sums[band.query, default: MaskStatistics()].add(statistics) }
    return sums
  }
}

extension Range<Int> {
  /// Consecutive ranges of at most `length`.
  package func split(by length: Int) -> [Range<Int>] {
    stride(from: lowerBound, to: upperBound, by: length).map { $0..<Swift.min($0 + length, upperBound) }
  }
}

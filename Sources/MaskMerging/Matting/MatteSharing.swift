import TensorCore

// How several mattes share the pixels that more than one of them claims. A plane's values outside of its rows and
// columns are 0.

/// Scales probabilities down where they add up to more than 1: the more they overlap, the more by their weights and the
/// less evenly, so that borders where parts merely meet stay where they are.
///
/// With p the probabilities, w the weights, s = Σp and t = min(s − 1, 1): (p · (1 − t) + t · w · p · s / Σ(w · p)) / s.
func resolveOverlaps(of planes: [FloatPlane], weights: [Float], pool: WorkerPool) {
  guard let first = planes.first else { return }
  let width = first.width
  pool.forEachBand(ofRows: first.height) { rows, _ in
    let (total, weighted) = (ScratchRow(width), ScratchRow(width))
    for y in rows {
      total.pointer.update(repeating: 0, count: width)
      weighted.pointer.update(repeating: 0, count: width)
      let present = zip(planes, weights).filter { $0.0.rows.contains(y) }.map { plane, weight in
        (row: plane.pointer + y * width, columns: plane.columns, weight: weight)
      }
      for mask in present {
        for x in mask.columns {
          total.pointer[x] += mask.row[x]
          weighted.pointer[x] += mask.row[x] * mask.weight
        }
      }
      for mask in present {
        for x in mask.columns where total.pointer[x] > 1 {
          let sum = total.pointer[x]
          // Where nothing has a weight, all count alike.
          let overlap = weighted.pointer[x] > 0 ? min(sum - 1, 1) : 0
          let share = mask.weight / max(weighted.pointer[x], .leastNormalMagnitude)
          mask.row[x] *= (1 - overlap) / sum + overlap * share
        }
      }
    }
  }
}

/// Where the probabilities of several masks come from, row by row.
enum MaskRows: Sendable {
  /// The guided filter; `nil` for a mask that is nowhere.
  case guided(GuideStatistics, [GuidedModel?])
  /// Planes of the picture's size.
  case stored([FloatPlane])

  /// Rows and columns outside of which a mask is 0.
  func area(of mask: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    switch self {
    case .guided(let guide, let models): models[mask].map(guide.area) ?? (0..<0, 0..<0)
    case .stored(let planes): (planes[mask].rows, planes[mask].columns)
    }
  }

  /// Columns of a row outside of which a mask is 0.
  func columns(of mask: Int, y: Int) -> Range<Int> {
    switch self {
    case .guided(let guide, let models): models[mask].map { guide.columns(of: $0, y: y) } ?? 0..<0
    case .stored(let planes): planes[mask].rows.contains(y) ? planes[mask].columns : 0..<0
    }
  }
}

/// The shares of the masks and of the background in one row of the picture; scratch memory of one thread.
final class RowShares {
  /// What a mask has of a row.
  private struct Share {
    let columns: Range<Int>
    /// Values of `columns`.
    let values: UnsafeMutablePointer<Float>
  }

  private let rows: MaskRows
  private let count: Int
  private let width: Int
  private let contrast: Int
  private let guidedRow: GuidedRow?
  /// Values of the masks, one after another; the system provides pages only when they are written.
  private let values: FloatPlane
  private let background: ScratchRow
  private let sums: ScratchRow
  private let bases: ScratchRow
  /// Shares of the row by their masks, and behind them that of the background; `nil` for a mask that is not there.
  private var shares: [Share?]

  init(of rows: MaskRows, count: Int, width: Int, contrast: Int) {
    (self.rows, self.count, self.width, self.contrast) = (rows, count, width, contrast)
    if case .guided(let guide, _) = rows { guidedRow = GuidedRow(guide) } else { guidedRow = nil }
    values = FloatPlane(width: width + (guidedRow?.overhang ?? 0), height: count)
    (background, sums, bases) = (ScratchRow(width), ScratchRow(width), ScratchRow(width))
    shares = Array(repeating: nil, count: count + 1)
  }

  /// Computes the shares of row y.
  ///
  /// With p the probabilities, each at most 1, r = max(1 - Σp, 0) and c the contrast, a mask's share is
  /// pᶜ / (Σ(pᶜ) + rᶜ) and the background's rᶜ / (Σ(pᶜ) + rᶜ): if the probabilities add up to more than 1, they are scaled
  /// down to it. Of shares with contrast, what is negligible is taken away.
  func compute(y: Int) {
    readProbabilities(y: y)
    let rest = background.pointer
    rest.update(repeating: 0, count: width)
    for case let share? in shares { add(share, to: rest) }
    for x in 0..<width { rest[x] = max(1 - rest[x], 0) }
    shares[count] = Share(columns: 0..<width, values: rest)
    if contrast > 1 {
      for case let share? in shares { raise(share.values, count: share.columns.count) }
      scaleToOne()
      for case let share? in shares { takeNegligible(from: share.values, count: share.columns.count) }
    }
    scaleToOne()
  }

  /// Scales the values of each pixel to add up to 1.
  private func scaleToOne() {
    let scales = sums.pointer
    scales.update(repeating: 0, count: width)
    for case let share? in shares { add(share, to: scales) }
    // Division by 0 must not occur: where very many masks share a pixel, all powers may vanish.
    for x in 0..<width { scales[x] = 1 / max(scales[x], .leastNormalMagnitude) }
    for case let share? in shares {
      let scales = scales + share.columns.lowerBound
      for x in 0..<share.columns.count { share.values[x] *= scales[x] }
    }
  }

  /// Lowers values by half a step of 8 bits, those below it to 0, so that what a matte does not cover is black and what it
  /// covers white, and not nearly so; files of 16 bits are a quarter smaller for it. One of up to 511 values that add up to 1
  /// is above that.
  private func takeNegligible(from row: UnsafeMutablePointer<Float>, count: Int) {
    for x in 0..<count { row[x] = max(row[x] - 1 / 512, 0) }
  }

  /// Writes the sum of some masks' shares, at most 1, where any of them has one.
  ///
  /// - Parameter row: A row of the picture. It is not read: memory that the system has not provided yet would be mapped
  ///   twice, first to be read and then to be written, and the second time all threads would be interrupted.
  func addUp(_ masks: [Int], into row: UnsafeMutablePointer<Float>) {
    let chosen = masks.compactMap { shares[$0] }
    let columns = extent(of: chosen.map(\.columns))
    let total = sums.pointer
    (total + columns.lowerBound).update(repeating: 0, count: columns.count)
    for share in chosen { add(share, to: total) }
    for x in columns { row[x] = min(total[x], 1) }
  }

  private func readProbabilities(y: Int) {
    guidedRow?.begin(y: y)
    shares[count] = nil
    var free = values.pointer
    for mask in 0..<count {
      shares[mask] = nil
      let columns = rows.columns(of: mask, y: y)
      guard !columns.isEmpty else { continue }
      switch rows {
      case .guided(_, let models):
        guard let guidedRow, let model = models[mask] else { continue }
        free += guidedRow.overhang / 2
        guidedRow.apply(model, columns, into: free)
        shares[mask] = Share(columns: columns, values: free)
        free += columns.count + guidedRow.overhang / 2
      case .stored(let planes):
        free.update(from: planes[mask].pointer + y * width + columns.lowerBound, count: columns.count)
        shares[mask] = Share(columns: columns, values: free)
        free += columns.count
      }
    }
  }

  private func add(_ share: Share, to row: UnsafeMutablePointer<Float>) {
    let target = row + share.columns.lowerBound
    for x in 0..<share.columns.count { target[x] += share.values[x] }
  }

  /// Raises values to the contrast's power.
  private func raise(_ row: UnsafeMutablePointer<Float>, count: Int) {
    let bases = bases.pointer
    bases.update(from: row, count: count)
    for _ in 1..<contrast {
      for x in 0..<count { row[x] *= bases[x] }
    }
  }
}

/// The smallest range that holds several, of which empty ones do not count.
func extent(of ranges: [Range<Int>]) -> Range<Int> {
  let filled = ranges.filter { !$0.isEmpty }
  guard let start = filled.map(\.lowerBound).min(), let end = filled.map(\.upperBound).max() else { return 0..<0 }
  return start..<end
}

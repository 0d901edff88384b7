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

/// Scales values down so that no pixel's add up to more than 1, raises them and what they leave to a power, and scales
/// them to add up to 1; returns what they leave.
func shareOut(_ planes: [FloatPlane], contrast: Int, pool: WorkerPool) -> FloatPlane {
  let (width, height) = planes.first.map { ($0.width, $0.height) } ?? (1, 1)
  let rest = FloatPlane(width: width, height: height)
  pool.forEachBand(ofRows: height) { rows, _ in
    for y in rows {
      let total = rest.pointer + y * width
      let present = planes.filter { $0.rows.contains(y) }.map {
        MatteRow(row: $0.pointer + y * width, columns: $0.columns)
      }
      addUp(present, to: total)
      for plane in present {
        let row = plane.row
        // Dividing by 1 changes nothing.
        for x in plane.columns { row[x] /= max(total[x], 1) }
      }
      for x in 0..<width { total[x] = max(1 - total[x], 0) }
      if contrast > 1 { steepen(present, rest: total, width: width, by: contrast) }
    }
  }
  return rest
}

/// Rows of mattes that belong to one row of the picture, with the columns in which they are not 0.
private struct MatteRow {
  let row: UnsafeMutablePointer<Float>
  let columns: Range<Int>
}

private func addUp(_ mattes: [MatteRow], to total: UnsafeMutablePointer<Float>) {
  for matte in mattes {
    let row = matte.row
    for x in matte.columns { total[x] += row[x] }
  }
}

/// Raises values that add up to 1 with `rest` to a power and scales them to add up to 1 again.
private func steepen(_ mattes: [MatteRow], rest: UnsafeMutablePointer<Float>, width: Int, by power: Int) {
  let all = mattes + [MatteRow(row: rest, columns: 0..<width)]
  let scratch = (values: ScratchRow(width), sums: ScratchRow(width))
  for matte in all {
    raise(matte.row + matte.columns.lowerBound, to: power, count: matte.columns.count, scratch.values.pointer)
  }
  addUp(all, to: scratch.sums.pointer)
  // Of values that add up to 1 one is large enough for its power not to vanish, unless there are very many.
  for matte in all {
    let (row, sums) = (matte.row, scratch.sums.pointer)
    for x in matte.columns { row[x] /= max(sums[x], .leastNormalMagnitude) }
  }
}

/// Raises values to a whole power of 2 or more; `copy` is overwritten with the values.
private func raise(
  _ row: UnsafeMutablePointer<Float>, to power: Int, count: Int, _ copy: UnsafeMutablePointer<Float>
) {
  copy.update(from: row, count: count)
  for _ in 1..<power {
    for x in 0..<count { row[x] *= copy[x] }
  }
}

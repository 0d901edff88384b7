import ImageCoding
import TensorCore

/// What the guided filter needs to know of the photograph, the same for all mattes.
///
/// On a grid of `cell` × `cell` pixels: the mean color I of each cell and, of each window, the mean color and the
/// inverse of Σ + ε·1, where Σ is the covariance of the colors. Colours are 0 to 1 less a half, so that sums stay
/// small. Windows reach `radius` cells to each side and end at the picture's edges.
final class GuideStatistics: Sendable {
  let photo: RGBImage
  let cell: Int
  let radius: Int
  /// Cells in a row, and rows of cells.
  let columns: Int
  let rows: Int
  /// I, axes (rows, columns); the last lane is 1, so that I · p holds p itself.
  private let colors: Constant<SIMD4<Float>>
  /// Mean of I; the last lane is 0.
  private let means: Constant<SIMD4<Float>>
  /// Three columns of the inverse for each window; last lanes are 0.
  private let inverses: Constant<SIMD4<Float>>

  init(of photo: RGBImage, cell: Int, radius: Int, epsilon: Float, pool: WorkerPool) {
    self.photo = photo
    self.cell = cell
    columns = (photo.width + cell - 1) / cell
    rows = (photo.height + cell - 1) / cell
    self.radius = min(radius, max(columns, rows))
    let filter = BoxFilter(width: columns, height: rows, radius: self.radius)
    let colors = cellColors(of: photo, cell: cell, columns: columns, rows: rows, pool: pool)
    self.colors = colors
    let means = filter.mean(of: colors.count) { colors.pointer[$0] * SIMD4(1, 1, 1, 0) }
    let squares = filter.mean(of: colors.count) { index in
      let color = colors.pointer[index]
      return SIMD4(color.x * color.x, color.y * color.y, color.z * color.z, 0)
    }
    let products = filter.mean(of: colors.count) { index in
      let color = colors.pointer[index]
      return SIMD4(color.x * color.y, color.x * color.z, color.y * color.z, 0)
    }
    self.means = means
    inverses = Constant(count: 3 * colors.count) { target in
      for index in 0..<colors.count {
        let mean = means.pointer[index]
        let variance = squares.pointer[index] - mean * mean
        let cross = products.pointer[index] - SIMD4(mean.x * mean.y, mean.x * mean.z, mean.y * mean.z, 0)
        let inverse = inverseOfSymmetric(
          // Rounding may take a variance below 0.
          diagonal: variance.replacing(with: 0, where: variance .< 0) + epsilon, cross)
        (target[3 * index], target[3 * index + 1], target[3 * index + 2]) = inverse
      }
    }
  }

  /// Mattes of the masks at the photo's size, each 0 to 1.
  ///
  /// - Parameter weights: Of the masks where they overlap.
  func refined(_ masks: [Mask], weights: [Float], pool: WorkerPool) -> [FloatPlane] {
    let coarse = masks.map { cellProbabilities(of: $0) }
    resolveOverlaps(of: coarse, weights: weights, pool: pool)
    let supports = coarse.map { support(of: $0) }
    let planes = supports.map { support in
      FloatPlane(
        width: photo.width, height: photo.height, rows: pixels(support?.rows ?? 0..<0, below: photo.height),
        columns: pixels(support?.columns ?? 0..<0, below: photo.width))
    }
    // A matte's coefficients and then its pixels, one matte a thread: they lie in the cache in between.
    pool.forEach(masks.count) { index, _ in
      guard let support = supports[index] else { return }
      apply(model(of: coarse[index], in: support), in: support, to: planes[index])
    }
    return planes
  }

  /// The pixels of some cells along one axis.
  private func pixels(_ cells: Range<Int>, below end: Int) -> Range<Int> {
    cells.lowerBound * cell..<min(cells.upperBound * cell, end)
  }

  // MARK: Coarse

  /// Mean probability of each cell.
  private func cellProbabilities(of mask: Mask) -> FloatPlane {
    let plane = FloatPlane(width: columns, height: rows)
    let scratch = PerThread(mask.pool) { ScratchRow(mask.width) }
    let readers = PerThread(mask.pool) { MaskReader(mask.source, width: mask.width, negligible: 1e-4) }
    // Rows of one cell are read by one thread.
    mask.pool.forEachRange(rows, grain: 8) { cells, thread in
      readers[thread].begin()
      let row = scratch[thread].pointer
      for cellY in cells {
        let lines = lines(of: cellY, in: mask)
        for y in lines {
          let span = readers[thread].raise(row, y: y)
          guard !span.isEmpty else { continue }
          for cellX in span.lowerBound / cell...(span.upperBound - 1) / cell {
            let pixels = cellX * cell..<min((cellX + 1) * cell, mask.width)
            var sum: Float = 0
            for x in pixels { sum += min(row[x], 1) }
            plane.pointer[cellY * columns + cellX] += sum / Float(pixels.count * lines.count)
          }
          (row + span.lowerBound).update(repeating: 0, count: span.count)
        }
      }
    }
    return plane
  }

  /// The rows of pixels that a row of cells is measured on: those in its middle where the mask's own grid is so coarse
  /// that its values hardly bend within a cell, else all.
  private func lines(of cellY: Int, in mask: Mask) -> Range<Int> {
    let all = cellY * cell..<min((cellY + 1) * cell, mask.height)
    switch mask.source {
    case .logits(let grid), .grid(let grid):
      guard grid.rows.inputCount * cell <= mask.height, all.count == cell else { return all }
      return all.lowerBound + (cell - 1) / 2..<all.lowerBound + cell / 2 + 1
    default: return all
    }
  }

  /// Cells that a matte may reach: where the mask is, and two radii around it; nil where it is nowhere.
  private func support(of plane: FloatPlane) -> Support? {
    var (left, right, top, bottom) = (columns, -1, rows, -1)
    for y in 0..<rows {
      for x in 0..<columns where plane.pointer[y * columns + x] > 1e-4 {
        left = min(left, x)
        right = max(right, x)
        top = min(top, y)
        bottom = max(bottom, y)
      }
    }
    guard right >= left else { return nil }
    let reach = 2 * radius + 1
    return Support(
      rows: max(top - reach, 0)..<min(bottom + reach + 1, rows),
      columns: max(left - reach, 0)..<min(right + reach + 1, columns))
  }

  /// a (three lanes) and b (the last) of q = a · I + b for each cell of the support, averaged over its windows.
  private func model(of plane: FloatPlane, in support: Support) -> Constant<SIMD4<Float>> {
    let filter = BoxFilter(
      width: support.columns.count, height: support.rows.count, radius: radius,
      // Windows are cut off at the picture's edges and not at the support's: beyond it all is 0.
      cutOff: (
        support.rows.lowerBound == 0, support.rows.upperBound == rows, support.columns.lowerBound == 0,
        support.columns.upperBound == columns
      ))
    let count = support.rows.count * support.columns.count
    func cellIndex(_ index: Int) -> Int {
      (support.rows.lowerBound + index / support.columns.count) * columns + support.columns.lowerBound
        + index % support.columns.count
    }
    let products = filter.mean(of: count) { index in
      let place = cellIndex(index)
      return colors.pointer[place] * plane.pointer[place]
    }
    return filter.mean(of: count) { index in
      let place = cellIndex(index)
      let product = products.pointer[index]
      let mean = means.pointer[place]
      let covariance = product - mean * product.w
      let inverse = inverses.pointer + 3 * place
      let slope = inverse[0] * covariance.x + inverse[1] * covariance.y + inverse[2] * covariance.z
      let level = product.w - (slope.x * mean.x + slope.y * mean.y + slope.z * mean.z)
      return SIMD4(slope.x, slope.y, slope.z, level)
    }
  }

  // MARK: Full size

  /// q = a · I + b at each pixel, a and b interpolated between the middles of the cells, kept within 0 to 1.
  private func apply(_ model: Constant<SIMD4<Float>>, in support: Support, to plane: FloatPlane) {
    let width = photo.width
    let across = plane.columns.map { CellInterpolation(pixel: $0, cell: cell, cells: support.columns) }
    var line = [SIMD4<Float>](repeating: .zero, count: support.columns.count)
    photo.pixels.withUnsafeBufferPointer { photo in
      for y in plane.rows {
        let down = CellInterpolation(pixel: y, cell: cell, cells: support.rows)
        let upper = model.pointer + down.first * support.columns.count
        let lower = model.pointer + down.second * support.columns.count
        for x in line.indices { line[x] = upper[x] + (lower[x] - upper[x]) * down.weight }
        let row = plane.pointer + y * width
        line.withUnsafeBufferPointer { line in
          for (x, column) in zip(plane.columns, across) {
            let coefficients = line[column.first] + (line[column.second] - line[column.first]) * column.weight
            let pixel = 3 * (y * width + x)
            let color = SIMD4<Float>(Float(photo[pixel]), Float(photo[pixel + 1]), Float(photo[pixel + 2]), 0)
            let terms = coefficients * (color * SIMD4(1 / 255, 1 / 255, 1 / 255, 0) + SIMD4(-0.5, -0.5, -0.5, 1))
            row[x] = min(max((terms.x + terms.y) + (terms.z + terms.w), 0), 1)
          }
        }
      }
    }
  }
}

/// A rectangle of cells.
private struct Support {
  let rows: Range<Int>
  let columns: Range<Int>
}

/// Mean color of each cell, 0 to 1 less a half; the last lane is 1.
private func cellColors(
  of photo: RGBImage, cell: Int, columns: Int, rows: Int, pool: WorkerPool
) -> Constant<SIMD4<Float>> {
  Constant(count: columns * rows) { target in
    let target = DisjointBuffer(target)
    pool.forEachRange(rows, grain: 8) { range, _ in
      photo.pixels.withUnsafeBufferPointer { pixels in
        for cellY in range {
          let lines = cellY * cell..<min((cellY + 1) * cell, photo.height)
          for cellX in 0..<columns {
            let places = cellX * cell..<min((cellX + 1) * cell, photo.width)
            var sum = SIMD3<Int32>.zero
            for y in lines {
              for x in places {
                let pixel = 3 * (y * photo.width + x)
                sum &+= SIMD3(Int32(pixels[pixel]), Int32(pixels[pixel + 1]), Int32(pixels[pixel + 2]))
              }
            }
            let mean = SIMD3<Float>(sum) / (255 * Float(lines.count * places.count)) - 0.5
            target[cellY * columns + cellX] = SIMD4(mean, 1)
          }
        }
      }
    }
  }
}

/// The columns of the inverse of a symmetric matrix: `diagonal` is (xx, yy, zz), `cross` (xy, xz, yz).
private func inverseOfSymmetric(
  diagonal: SIMD4<Float>, _ cross: SIMD4<Float>
) -> (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>) {
  let (xx, yy, zz) = (diagonal.x, diagonal.y, diagonal.z)
  let (xy, xz, yz) = (cross.x, cross.y, cross.z)
  let (cofactorXX, cofactorXY, cofactorXZ) = (yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy)
  let determinant = max(xx * cofactorXX + xy * cofactorXY + xz * cofactorXZ, .leastNormalMagnitude)
  let (cofactorYY, cofactorYZ, cofactorZZ) = (xx * zz - xz * xz, xy * xz - xx * yz, xx * yy - xy * xy)
  return (
    SIMD4(cofactorXX, cofactorXY, cofactorXZ, 0) / determinant,
    SIMD4(cofactorXY, cofactorYY, cofactorYZ, 0) / determinant,
    SIMD4(cofactorXZ, cofactorYZ, cofactorZZ, 0) / determinant
  )
}

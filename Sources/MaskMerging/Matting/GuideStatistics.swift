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
    let columns = columns
    let means = filter.mean { x, y in colors.pointer[y * columns + x] * SIMD4(1, 1, 1, 0) }
    let squares = filter.mean { x, y in
      let color = colors.pointer[y * columns + x]
      return SIMD4(color.x * color.x, color.y * color.y, color.z * color.z, 0)
    }
    let products = filter.mean { x, y in
      let color = colors.pointer[y * columns + x]
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

  /// The filter of each mask; nil for a mask that is nowhere.
  ///
  /// - Parameter weights: Of the masks where they overlap.
  func models(of masks: [Mask], weights: [Float], pool: WorkerPool) -> [GuidedModel?] {
    let coarse = masks.map { cellProbabilities(of: $0) }
    resolveOverlaps(of: coarse, weights: weights, pool: pool)
    return pool.map(masks.count) { index, _ in support(of: coarse[index]).map { model(of: coarse[index], in: $0) } }
  }

  /// Pixels outside of which a mask is 0.
  func area(of model: GuidedModel) -> (rows: Range<Int>, columns: Range<Int>) {
    (pixels(model.support.rows, below: photo.height), pixels(model.support.columns, below: photo.width))
  }

  /// Pixels of row y outside of which a mask is 0.
  func columns(of model: GuidedModel, y: Int) -> Range<Int> {
    let row = y / cell
    guard model.support.rows.contains(row) else { return 0..<0 }
    return pixels(model.support.spans[row - model.support.rows.lowerBound], below: photo.width)
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
    guard all.count == cell, mask.source.isInterpolated(fromRows: mask.height / cell) else { return all }
    return all.lowerBound + (cell - 1) / 2..<all.lowerBound + cell / 2 + 1
  }

  /// Cells that a matte may reach: where the mask is, two radii around it, and the one beyond, into whose half
  /// coefficients are interpolated; nil where the mask is nowhere.
  private func support(of plane: FloatPlane) -> GuidedModel.Support? {
    // Columns of each row in which the mask is.
    let filled = (0..<rows).map { y -> Range<Int> in
      let row = UnsafeBufferPointer(start: plane.pointer + y * columns, count: columns)
      guard let first = row.firstIndex(where: { $0 > 1e-4 }), let last = row.lastIndex(where: { $0 > 1e-4 }) else {
        return 0..<0
      }
      return first..<last + 1
    }
    let reach = 2 * radius + 1
    guard let top = filled.firstIndex(where: { !$0.isEmpty }), let bottom = filled.lastIndex(where: { !$0.isEmpty })
    else { return nil }
    let rows = max(top - reach, 0)..<min(bottom + reach + 1, rows)
    let spans = rows.map { y -> Range<Int> in
      let span = extent(of: Array(filled[max(y - reach, 0)..<min(y + reach + 1, filled.count)]))
      return max(span.lowerBound - reach, 0)..<min(span.upperBound + reach, columns)
    }
    return GuidedModel.Support(rows: rows, columns: extent(of: spans), spans: spans)
  }

  /// a (three lanes) and b (the last) of q = a · I + b for each cell of the support, averaged over its windows.
  private func model(of plane: FloatPlane, in support: GuidedModel.Support) -> GuidedModel {
    let filter = BoxFilter(
      width: support.columns.count, height: support.rows.count, radius: radius,
      // Windows are cut off at the picture's edges and not at the support's: beyond it all is 0.
      cutOff: (
        support.rows.lowerBound == 0, support.rows.upperBound == rows, support.columns.lowerBound == 0,
        support.columns.upperBound == columns
      ))
    let (left, top, width) = (support.columns.lowerBound, support.rows.lowerBound, support.columns.count)
    let products = filter.mean { x, y in
      let place = (top + y) * columns + left + x
      return colors.pointer[place] * plane.pointer[place]
    }
    let coefficients = filter.mean { x, y in
      let place = (top + y) * columns + left + x
      let product = products.pointer[y * width + x]
      let mean = means.pointer[place]
      let covariance = product - mean * product.w
      let inverse = inverses.pointer + 3 * place
      let slope = inverse[0] * covariance.x + inverse[1] * covariance.y + inverse[2] * covariance.z
      let level = product.w - (slope.x * mean.x + slope.y * mean.y + slope.z * mean.z)
      return SIMD4(slope.x, slope.y, slope.z, level)
    }
    return GuidedModel(support: support, coefficients: coefficients)
  }
}

/// The guided filter of one mask: q = a · I + b, with I the color of a pixel.
struct GuidedModel: Sendable {
  /// The cells that a matte may reach.
  struct Support: Sendable {
    let rows: Range<Int>
    let columns: Range<Int>
    /// Columns of each row of `rows`.
    let spans: [Range<Int>]
  }

  let support: Support
  /// a (three lanes) and b (the last) at the middle of each cell of the support, axes (rows, columns).
  let coefficients: Constant<SIMD4<Float>>
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

import ImageCoding
import TensorCore

/// The mean colors of foreground and background around each cell of a grid over the photo: F̂ and B̂ of the first pass
/// of `ForegroundEstimation`.
///
/// A cell is 1/66 of the picture's short edge and a window 11 × 11 cells, a sixth of the edge: the 90 × 90 pixels of the
/// paper for pictures as large as its own, and wide beside the soft edges that mattes have.
struct SurroundingColors {
  /// Pixels along a cell's edge.
  let cell: Int
  /// Cells in a row, and rows of cells.
  let columns: Int
  let rows: Int
  /// Weighted sums, the weights in the last lane.
  private let foreground: Constant<SIMD4<Float>>
  private let background: Constant<SIMD4<Float>>

  init(of photo: some SampledImage, under matte: Matte) {
    let cell = max((min(photo.width, photo.height) + 33) / 66, 1)
    (self.cell, columns, rows) = (cell, (photo.width + cell - 1) / cell, (photo.height + cell - 1) / cell)
    let (cellColumns, cellRows) = (columns, rows)
    let sums = Constant<SIMD4<Float>>(count: 2 * cellColumns * cellRows) { sums in
      let sums = DisjointBuffer(sums)
      matte.pool.forEachRange(cellRows, grain: 4) { range, _ in
        photo.pixels.withUnsafeBufferPointer { pixels in
          for cellY in range {
            for y in cellY * cell..<min((cellY + 1) * cell, photo.height) {
              for cellX in 0..<cellColumns {
                var (covered, all) = (SIMD4<Float>.zero, SIMD4<Float>.zero)
                for x in cellX * cell..<min((cellX + 1) * cell, photo.width) {
                  let pixel = y * photo.width + x
                  let color = pixelColor(pixels, pixel)
                  covered += color * matte.plane.pointer[pixel]
                  all += color
                }
                sums[2 * (cellY * cellColumns + cellX)] += covered
                sums[2 * (cellY * cellColumns + cellX) + 1] += all - covered
              }
            }
          }
        }
      }
    }
    let filter = BoxFilter(width: cellColumns, height: cellRows, radius: min(5, max(cellColumns, cellRows)))
    foreground = filter.mean { x, y in sums.pointer[2 * (y * cellColumns + x)] }
    background = filter.mean { x, y in sums.pointer[2 * (y * cellColumns + x) + 1] }
  }

  /// F̂ and B̂ at a pixel, 1 in the last lanes.
  @inline(__always)
  func interpolated(
    _ column: CellInterpolation, _ row: CellInterpolation
  ) -> (foreground: SIMD4<Float>, background: SIMD4<Float>) {
    @inline(__always)
    func value(_ plane: Constant<SIMD4<Float>>) -> SIMD4<Float> {
      let (upper, lower) = (plane.pointer + row.first * columns, plane.pointer + row.second * columns)
      let left = upper[column.first] + (lower[column.first] - upper[column.first]) * row.weight
      let right = upper[column.second] + (lower[column.second] - upper[column.second]) * row.weight
      return (left + (right - left) * column.weight).quotient
    }
    return (value(foreground), value(background))
  }
}

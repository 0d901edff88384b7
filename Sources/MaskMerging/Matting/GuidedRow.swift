/// Applies the guided filter to one row of the picture after another; scratch memory of one thread.
final class GuidedRow {
  private let guide: GuideStatistics
  private let cell: Int
  /// Row of the picture.
  private var y = 0
  /// Red, green and blue of the row, 0 to 1 less a half, each with half of `overhang` before it and behind it.
  private let colors: [ScratchRow]
  /// a (three lanes) and b (the last) of the row at the middles of the cells.
  private let coefficients: UnsafeMutablePointer<SIMD4<Float>>
  /// Interpolation weight of the next cell for each pixel from the middle of a cell on.
  private let weights: ScratchRow

  init(_ guide: GuideStatistics) {
    self.guide = guide
    cell = guide.cell
    let (overhang, cell) = (Self.overhang(cell: cell), cell)
    colors = (0..<3).map { _ in ScratchRow(guide.photo.width + overhang) }
    coefficients = .allocate(capacity: guide.columns)
    coefficients.initialize(repeating: .zero, count: guide.columns)
    weights = ScratchRow(cell + lanes)
    for pixel in 0..<cell + lanes {
      weights.pointer[pixel] = (Float(pixel) + (cell.isMultiple(of: 2) ? 0.5 : 0)) / Float(cell)
    }
  }

  deinit { coefficients.deallocate() }

  /// Values that `apply` may write before and behind its columns together: half of them on either side.
  var overhang: Int { Self.overhang(cell: cell) }

  private static func overhang(cell: Int) -> Int { 2 * (cell + lanes) }

  /// Takes row y of the picture.
  func begin(y: Int) {
    self.y = y
    let width = guide.photo.width
    guide.photo.pixels.withUnsafeBufferPointer { pixels in
      for (channel, row) in colors.enumerated() {
        let row = row.pointer + overhang / 2
        for x in 0..<width { row[x] = Float(pixels[3 * (y * width + x) + channel]) * (1 / 255) - 0.5 }
      }
    }
  }

  /// q = a · I + b at some pixels of the row, a and b interpolated between the middles of the cells, kept within 0 to 1.
  ///
  /// - Parameters:
  ///   - columns: Of `GuideStatistics.columns(of:y:)`.
  ///   - values: Values of `columns`, with half of `overhang` before them and behind them.
  func apply(_ model: GuidedModel, _ columns: Range<Int>, into values: UnsafeMutablePointer<Float>) {
    let cells = columns.lowerBound / cell..<(columns.upperBound + cell - 1) / cell
    interpolateDown(model, cells)
    let (red, green, blue) = (colors[0].pointer, colors[1].pointer, colors[2].pointer)
    // Between the middles of two cells are as many pixels as a cell has. They are computed four at a time, beyond the
    // next middle too, where the next cells write again.
    for first in cells.lowerBound - 1..<cells.upperBound {
      let from = coefficients[max(first, cells.lowerBound)]
      let step = coefficients[min(first + 1, cells.upperBound - 1)] - from
      let start = first * cell + cell / 2
      for offset in stride(from: 0, to: min(cell, columns.upperBound - start), by: lanes) {
        let weight = load(weights.pointer + offset)
        let place = start + offset + overhang / 2
        var value = load(red + place) * (from.x + weight * step.x)
        value += load(green + place) * (from.y + weight * step.y)
        value += load(blue + place) * (from.z + weight * step.z)
        value += from.w + weight * step.w
        value.replace(with: 0, where: value .< 0)
        value.replace(with: 1, where: value .> 1)
        UnsafeMutableRawPointer(values + (start + offset - columns.lowerBound)).storeBytes(
          of: value, as: SIMD4<Float>.self)
      }
    }
  }

  /// Coefficients at the height of the row.
  private func interpolateDown(_ model: GuidedModel, _ cells: Range<Int>) {
    let support = model.support
    let down = CellInterpolation(pixel: y, cell: cell, cells: support.rows)
    let upper = model.coefficients.pointer + down.first * support.columns.count - support.columns.lowerBound
    let lower = model.coefficients.pointer + down.second * support.columns.count - support.columns.lowerBound
    for x in cells { coefficients[x] = upper[x] + (lower[x] - upper[x]) * down.weight }
  }
}

/// Pixels that are computed at a time.
private let lanes = 4

@inline(__always)
private func load(_ values: UnsafePointer<Float>) -> SIMD4<Float> {
  UnsafeRawPointer(values).loadUnaligned(as: SIMD4<Float>.self)
}

import ImageCoding
import TensorCore

/// Colours of the foreground alone where a matte is semi-transparent: Forte's blurred foreground estimation.
///
/// Photo I, matte α; F̂ is the mean of F · α in a window over that of α, B̂ the mean of B · (1 − α) over that of 1 − α, and
/// F = F̂ + α · (I − α · F̂ − (1 − α) · B̂). The first pass has wide windows, and I for F and B; its F and B̂ are the second
/// pass's F and B, in windows of 7 × 7 pixels. Since windows so wide give nearly the same to neighbours, those of the first
/// pass are computed on a grid of cells; see `SurroundingColors`. Colours are 0 to 1.
struct ForegroundEstimation<Photo: SampledImage> {
  private let photo: Photo
  private let matte: Matte
  private let surroundings: SurroundingColors

  /// Pixels along the edge of the tiles that are dealt over the threads.
  private static var tile: Int { 64 }
  /// Half the width of the second pass's windows.
  private static var reach: Int { 3 }

  /// - Precondition: Photo and matte have the same size.
  init(of photo: Photo, under matte: Matte) {
    self.photo = photo
    self.matte = matte
    surroundings = SurroundingColors(of: photo, under: matte)
  }

  /// Overwrites the colors of the pixels whose alpha is neither 0 nor the most; tiles without any cost nothing.
  ///
  /// - Parameter layer: Axes (height, width, 4), with the matte as its alpha.
  func write(to layer: UnsafeMutableBufferPointer<Photo.Sample>) {
    let columns = (matte.width + Self.tile - 1) / Self.tile
    let rows = (matte.height + Self.tile - 1) / Self.tile
    let layer = DisjointBuffer(layer)
    matte.pool.forEach(columns * rows) { index, _ in
      let (x, y) = (index % columns * Self.tile, index / columns * Self.tile)
      let (tileColumns, tileRows) = (x..<min(x + Self.tile, matte.width), y..<min(y + Self.tile, matte.height))
      let isEdge = tileRows.contains { y in
        tileColumns.contains { x in isSemiTransparent(layer[4 * (y * matte.width + x) + 3]) }
      }
      if isEdge { refine(columns: tileColumns, rows: tileRows, in: layer) }
    }
  }

  private func isSemiTransparent(_ alpha: Photo.Sample) -> Bool { alpha &- 1 < Photo.Sample.max - 1 }

  /// The second pass in one tile.
  private func refine(columns: Range<Int>, rows: Range<Int>, in layer: DisjointBuffer<Photo.Sample>) {
    let reach = Self.reach
    let around = max(rows.lowerBound - reach, 0)..<min(rows.upperBound + reach, matte.height)
    let source = FirstPass(
      columns: max(columns.lowerBound - reach, 0)..<min(columns.upperBound + reach, matte.width), rows: around)
    photo.pixels.withUnsafeBufferPointer { photo in
      source.fill(from: photo, matte.plane, surroundings)
      var sums = ColumnSums(width: source.columns.count)
      for y in around.lowerBound..<rows.lowerBound + reach where around.contains(y) { sums.add(source, y, 1) }
      for y in rows {
        if around.contains(y + reach) { sums.add(source, y + reach, 1) }
        if around.contains(y - reach - 1) { sums.add(source, y - reach - 1, -1) }
        sums.forEachWindow(columns, in: source.columns, reach: reach) { x, foreground, background in
          let pixel = y * matte.width + x
          guard isSemiTransparent(layer[4 * pixel + 3]) else { return }
          let color = blend(
            foreground.quotient, background.quotient, pixelColor(photo, pixel), matte.plane.pointer[pixel])
          for channel in 0..<3 {
            layer[4 * pixel + channel] = Photo.Sample(
              truncatingIfNeeded: Int32(color[channel] * Float(Photo.Sample.max) + 0.5))
          }
        }
      }
    }
  }
}

/// F · α and B · (1 − α) after the first pass, for a tile and what its windows reach beyond it; α and 1 − α in the last
/// lanes.
private final class FirstPass {
  let columns: Range<Int>
  let rows: Range<Int>
  let foreground: UnsafeMutablePointer<SIMD4<Float>>
  let background: UnsafeMutablePointer<SIMD4<Float>>

  init(columns: Range<Int>, rows: Range<Int>) {
    (self.columns, self.rows) = (columns, rows)
    foreground = .allocate(capacity: columns.count * rows.count)
    background = .allocate(capacity: columns.count * rows.count)
  }

  deinit {
    foreground.deallocate()
    background.deallocate()
  }

  func fill<Sample: FixedWidthInteger & UnsignedInteger>(
    from photo: UnsafeBufferPointer<Sample>, _ matte: FloatPlane, _ surroundings: SurroundingColors
  ) {
    let across = columns.map { CellInterpolation(pixel: $0, cell: surroundings.cell, cells: 0..<surroundings.columns) }
    var place = 0
    for y in rows {
      let row = CellInterpolation(pixel: y, cell: surroundings.cell, cells: 0..<surroundings.rows)
      for (x, column) in zip(columns, across) {
        let pixel = y * matte.width + x
        let alpha = matte.pointer[pixel]
        let wide = surroundings.interpolated(column, row)
        let color = blend(wide.foreground, wide.background, pixelColor(photo, pixel), alpha)
        (foreground + place).initialize(to: color * alpha)
        (background + place).initialize(to: wide.background * (1 - alpha))
        place += 1
      }
    }
  }
}

/// Sums over the rows of a window, one for each column.
private struct ColumnSums {
  private var foreground: [SIMD4<Float>]
  private var background: [SIMD4<Float>]

  init(width: Int) {
    foreground = Array(repeating: .zero, count: width)
    background = foreground
  }

  mutating func add(_ source: FirstPass, _ y: Int, _ sign: Float) {
    let start = (y - source.rows.lowerBound) * source.columns.count
    for x in foreground.indices {
      foreground[x] += source.foreground[start + x] * sign
      background[x] += source.background[start + x] * sign
    }
  }

  /// Calls `body` with the sums over the window around each of `columns`, which are some of `all`.
  @inline(__always)
  func forEachWindow(
    _ columns: Range<Int>, in all: Range<Int>, reach: Int,
    _ body: (_ x: Int, _ foreground: SIMD4<Float>, _ background: SIMD4<Float>) -> Void
  ) {
    var sums = (SIMD4<Float>.zero, SIMD4<Float>.zero)
    func add(_ x: Int, _ sign: Float) {
      guard all.contains(x) else { return }
      sums.0 += foreground[x - all.lowerBound] * sign
      sums.1 += background[x - all.lowerBound] * sign
    }
    for x in columns.lowerBound - reach..<columns.lowerBound + reach { add(x, 1) }
    for x in columns {
      add(x + reach, 1)
      add(x - reach - 1, -1)
      body(x, sums.0, sums.1)
    }
  }
}

/// F = F̂ + α · (I − α · F̂ − (1 − α) · B̂), 0 to 1; 1 in the last lane.
@inline(__always)
private func blend(
  _ foreground: SIMD4<Float>, _ background: SIMD4<Float>, _ color: SIMD4<Float>, _ alpha: Float
) -> SIMD4<Float> {
  let rest = color - foreground * alpha - background * (1 - alpha)
  return (foreground + rest * alpha).clamped(lowerBound: .zero, upperBound: .one)
}

/// Red, green and blue, 0 to 1, and 1 in the last lane.
@inline(__always)
func pixelColor<Sample: FixedWidthInteger & UnsignedInteger>(
  _ photo: UnsafeBufferPointer<Sample>, _ pixel: Int
) -> SIMD4<Float> {
  let most = Float(Sample.max)
  return SIMD4(Float(photo[3 * pixel]), Float(photo[3 * pixel + 1]), Float(photo[3 * pixel + 2]), most) * (1 / most)
}

extension SIMD4<Float> {
  /// A sum of weighted colors over the sum of their weights, which is the last lane; there 1 is left.
  @inline(__always)
  var quotient: SIMD4<Float> {
    var color = self / Swift.max(w, 1e-6)
    color.w = 1
    return color
  }
}

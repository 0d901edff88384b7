public import ImageCoding
package import TensorCore

/// Which of several masks that cover a pixel is seen.
public enum PaintOrder: Sendable, Hashable {
  /// The most confident one: it is painted last.
  case byConfidence
  /// The smallest one: the largest is painted first, so that small regions are not covered.
  case byArea
}

/// What is done to the painted picture.
public enum Smoothing: Sendable, Hashable {
  /// The picture stays as it was painted.
  case none
  /// The median of 3 × 3 pixels in each channel, the border repeated: what OpenCV's `medianBlur` computes.
  case median3x3
  /// Edges of one pixel's softness, from the masks' probabilities.
  case antialiased
}

/// Paints masks on an empty canvas, each in the color of its label.
///
/// - Parameters:
///   - masks: Masks of one size, at least one.
///   - labels: One for each mask.
///   - scores: How confident the model is of each mask; `nil` when the masks are given most confident first.
///   - palette: The colors; the canvas has the color of `background`, or black where the palette has none.
///   - order: What lies on top where masks overlap; of equals, the one that is given first.
///   - smoothing: What is done to the painted picture.
/// - Returns: A picture of the masks' size.
/// - Throws: `sizeMismatch` where sizes or numbers differ or there is no mask, `unknownLabel` for a label without a
///   color, `invalidProbability` for a score that is not a number.
public func mergeMasks(
  _ masks: [Mask], labels: [Label], scores: [Float]? = nil, palette: Palette = .film,
  order: PaintOrder = .byConfidence, smoothing: Smoothing = .none
) throws -> RGBImage {
  guard let first = masks.first else {
    throw MaskMergingError(.sizeMismatch, "there are no masks to merge, so the picture has no size")
  }
  guard labels.count == masks.count, scores == nil || scores?.count == masks.count else {
    throw MaskMergingError(
      .sizeMismatch,
      "\(masks.count) masks come with \(labels.count) labels and \(scores.map { "\($0.count)" } ?? "no") scores")
  }
  for mask in masks { try mask.checkSize(equals: first.width, first.height) }
  if let index = scores?.firstIndex(where: \.isNaN) {
    throw MaskMergingError(.invalidProbability, "the score of mask \(index) is not a number")
  }
  var colors: [RGBColor] = []
  for label in labels { colors.append(try palette.color(of: label)) }
  let layers = paintOrder(masks, scores: scores, order: order).map { (mask: masks[$0], color: colors[$0]) }
  let background = palette[.background] ?? .black
  if smoothing == .antialiased {
    return try paintAntialiased(
      layers, on: background, width: first.width, height: first.height, pool: first.pool)
  }
  let picture = try paint(layers, on: background, width: first.width, height: first.height)
  return try smoothed(picture, smoothing, pool: first.pool)
}

/// The painted picture after smoothing; edges can be antialiased only while they are painted.
package func smoothed(
  _ picture: RGBImage, _ smoothing: Smoothing, pool: WorkerPool
) throws -> RGBImage {
  switch smoothing {
  case .none, .antialiased: picture
  case .median3x3: try medianFiltered(picture, pool: pool)
  }
}

/// Indices of the masks, the one to be painted first in front.
private func paintOrder(_ masks: [Mask], scores: [Float]?, order: PaintOrder) -> [Int] {
  switch order {
  case .byConfidence:
    guard let scores else { return masks.indices.reversed() }
    return masks.indices.sorted { (scores[$0], $1) < (scores[$1], $0) }
  case .byArea:
    let areas = masks.map(\.area)
    return masks.indices.sorted { (areas[$1], $1) < (areas[$0], $0) }
  }
}

/// Paints one mask over the other.
private func paint(
  _ layers: [(mask: Mask, color: RGBColor)], on background: RGBColor, width: Int, height: Int
) throws -> RGBImage {
  let pool = layers.first?.mask.pool ?? .forMasks
  let readers = PerThread(pool) {
    layers.map { MaskReader($0.mask.decision ?? $0.mask.source, width: width, negligible: 0.5) }
  }
  // Whole rows of one color, of which runs are copied.
  let canvas = row(of: background, width: width)
  let rowsOfColor = layers.map { row(of: $0.color, width: width) }
  return try makeImage {
    try RGBImage(width: width, height: height) { pixels in
      let pixels = DisjointBuffer(pixels)
      pool.forEachBand(ofRows: height) { rows, thread in
        var words = Array(repeating: UInt64(0), count: BinaryMask.wordsPerRow(width))
        for reader in readers[thread] { reader.begin() }
        for y in rows {
          let target = pixels[y * width * 3..<(y + 1) * width * 3]
          target.copy(0..<width, of: canvas)
          for (reader, color) in zip(readers[thread], rowsOfColor) {
            for index in words.indices { words[index] = 0 }
            words.withUnsafeMutableBufferPointer { words in
              if let base = words.baseAddress { reader.mark(base, y: y) }
            }
            forEachRun(of: words[...], count: width) { target.copy($0, of: color) }
          }
        }
      }
    }
  }
}

private func row(of color: RGBColor, width: Int) -> [UInt8] {
  (0..<width).flatMap { _ in [color.red, color.green, color.blue] }
}

extension UnsafeMutableBufferPointer<UInt8> {
  /// Paints pixel `x` of a row of red, green and blue.
  @inline(__always)
  func setPixel(_ x: Int, _ color: RGBColor) {
    self[3 * x] = color.red
    self[3 * x + 1] = color.green
    self[3 * x + 2] = color.blue
  }

  /// Copies some pixels of a row to the same places in this one.
  @inline(__always)
  fileprivate func copy(_ columns: Range<Int>, of row: [UInt8]) {
    let bytes = columns.lowerBound * 3..<columns.upperBound * 3
    row.withUnsafeBufferPointer { row in
      _ = UnsafeMutableBufferPointer(rebasing: self[bytes]).update(fromContentsOf: row[bytes])
    }
  }
}

public import ImageCoding
import TensorCore

extension RGBImage {
  /// The photo with a look changed where a matte covers it: photo + (changed − photo) · matte.
  ///
  /// - Parameters:
  ///   - adjustments: Changes, applied one after the other.
  ///   - matte: Share of the change at each pixel, of the photo's size; uncovered pixels stay as they are.
  /// - Returns: A picture of the same size, rounded to the nearest values.
  /// - Throws: ``MaskMergingError`` with the code `sizeMismatch` if the sizes differ.
  public func adjusted(with adjustments: [Adjustment], where matte: Matte) throws -> RGBImage {
    try changed(by: adjustments, where: matte)
  }
}

extension RGB16Image {
  /// The photo with a look changed where a matte covers it; see `adjusted(with:where:)` of `RGBImage`.
  public func adjusted(with adjustments: [Adjustment], where matte: Matte) throws -> RGB16Image {
    try changed(by: adjustments, where: matte)
  }
}

extension SampledImage {
  fileprivate func changed(by adjustments: [Adjustment], where matte: Matte) throws -> Self {
    try matte.checkSize(equals: width, height)
    let (width, height, pool) = (width, height, matte.pool)
    let channels = (0..<3).map { _ in FloatPlane(width: width, height: height) }
    let most = Float(Sample.max)
    return try makeImage {
      try Self(width: width, height: height) { target in
        let target = DisjointBuffer(target)
        pool.forEachBand(ofRows: height) { rows, _ in
          pixels.withUnsafeBufferPointer { photo in
            for pixel in rows.lowerBound * width..<rows.upperBound * width {
              for channel in 0..<3 { channels[channel].pointer[pixel] = Float(photo[3 * pixel + channel]) / most }
            }
          }
        }
        for adjustment in adjustments { apply(adjustment, to: channels, where: matte) }
        pool.forEachBand(ofRows: height) { rows, _ in
          pixels.withUnsafeBufferPointer { photo in
            for pixel in rows.lowerBound * width..<rows.upperBound * width {
              let share = matte.plane.pointer[pixel]
              for channel in 0..<3 {
                let before = Float(photo[3 * pixel + channel])
                let value = before + (channels[channel].pointer[pixel] * most - before) * share
                target[3 * pixel + channel] = Sample(truncatingIfNeeded: Int32(value + 0.5))
              }
            }
          }
        }
      }
    }
  }
}

private func apply(_ adjustment: Adjustment, to channels: [FloatPlane], where matte: Matte) {
  switch adjustment.kind {
  case .pixels(let change):
    matte.pool.forEachBand(ofRows: matte.height) { rows, _ in
      for pixel in rows.lowerBound * matte.width..<rows.upperBound * matte.width
      where matte.plane.pointer[pixel] > 0 {
        let color = change(
          SIMD3(channels[0].pointer[pixel], channels[1].pointer[pixel], channels[2].pointer[pixel]))
        for channel in 0..<3 { channels[channel].pointer[pixel] = bounded(color[channel]) }
      }
    }
  case .blur(let deviation):
    if deviation > 0 { blur(channels, by: GaussianBlur(deviation), where: matte) }
  }
}

/// Blurs what the matte covers, by normalized convolution: pixels count as far as they are covered, so that nothing of
/// what lies beside the matte is spread into it.
private func blur(_ channels: [FloatPlane], by blur: GaussianBlur, where matte: Matte) {
  let (width, height, pool) = (matte.width, matte.height, matte.pool)
  let coverage = FloatPlane(width: width, height: height)
  blur.apply(width: width, height: height, pool: pool) { row, y in
    row.update(from: matte.plane.pointer + y * width, count: width)
  } store: { row, y in
    (coverage.pointer + y * width).update(from: row, count: width)
  }
  for plane in channels {
    blur.apply(width: width, height: height, pool: pool) { row, y in
      for x in 0..<width { row[x] = plane.pointer[y * width + x] * matte.plane.pointer[y * width + x] }
    } store: { row, y in
      for x in 0..<width where coverage.pointer[y * width + x] > 1e-4 {
        plane.pointer[y * width + x] = bounded(row[x] / coverage.pointer[y * width + x])
      }
    }
  }
}

private func bounded(_ value: Float) -> Float { value > 0 ? min(value, 1) : 0 }

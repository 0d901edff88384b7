import ImageCoding
import TensorCore

/// Paints masks with edges of one pixel's softness. Where the top one covers a pixel in part, the next one gets what is
/// left, so that nothing of the background shines through between masks that touch.
///
/// - Parameter layers: The one to lie on top last.
func paintAntialiased(
  _ layers: [(mask: Mask, color: RGBColor)], on background: RGBColor, width: Int, height: Int, pool: WorkerPool
) throws -> RGBImage {
  // Red, green, blue, and how much of the pixel is painted.
  let canvas = FloatPlane(width: 4 * width, height: height)
  for (mask, color) in layers.reversed() {
    let values = SIMD4(Float(color.red), Float(color.green), Float(color.blue), 1)
    let coverage = mask.coverage()
    pool.forEachBand(ofRows: height) { rows, _ in
      for pixel in rows.lowerBound * width..<rows.upperBound * width where coverage.pointer[pixel] > 0 {
        let place = canvas.pointer + 4 * pixel
        let share = min(coverage.pointer[pixel], 1 - place[3])
        for channel in 0..<4 { place[channel] += values[channel] * share }
      }
    }
  }
  let below = [Float(background.red), Float(background.green), Float(background.blue)]
  return try makeImage {
    try RGBImage(width: width, height: height) { target in
      let target = DisjointBuffer(target)
      pool.forEachBand(ofRows: height) { rows, _ in
        for pixel in rows.lowerBound * width..<rows.upperBound * width {
          let place = canvas.pointer + 4 * pixel
          for channel in 0..<3 {
            let value = place[channel] + below[channel] * max(1 - place[3], 0)
            target[3 * pixel + channel] = UInt8(truncatingIfNeeded: Int32(min(value, 255) + 0.5))
          }
        }
      }
    }
  }
}

extension Mask {
  /// How much of each pixel lies inside of the mask's edge.
  ///
  /// The edge is where the probability is a half: (p − ½) / |∇p| is a pixel's distance from it. Where a label map
  /// decides what is inside, its pixels are averaged with their neighbours, 1 : 2 : 1 along each axis.
  fileprivate func coverage() -> FloatPlane {
    let values = decision == nil ? probabilities() : Mask(hard()).probabilities()
    let result = FloatPlane(width: width, height: height)
    pool.forEachBand(ofRows: height) { rows, _ in
      for y in rows {
        let row = values.pointer + y * width
        let above = values.pointer + max(y - 1, 0) * width
        let below = values.pointer + min(y + 1, height - 1) * width
        for x in 0..<width {
          let (left, right) = (max(x - 1, 0), min(x + 1, width - 1))
          if decision == nil {
            // Slopes are at most √½, so that pixels far from a half are all inside or all outside.
            guard abs(row[x] - 0.5) < 0.3536 else {
              if row[x] > 0.5 { result.pointer[y * width + x] = 1 }
              continue
            }
            let (dx, dy) = ((row[right] - row[left]) / 2, (below[x] - above[x]) / 2)
            let slope = max((dx * dx + dy * dy).squareRoot(), .leastNormalMagnitude)
            result.pointer[y * width + x] = min(max(0.5 + (row[x] - 0.5) / slope, 0), 1)
          } else {
            let outer = above[left] + 2 * above[x] + above[right] + below[left] + 2 * below[x] + below[right]
            result.pointer[y * width + x] = (outer + 2 * row[left] + 4 * row[x] + 2 * row[right]) / 16
          }
        }
      }
    }
    return result
  }
}

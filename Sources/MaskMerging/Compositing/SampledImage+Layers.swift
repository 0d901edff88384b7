import ImageCoding
import TensorCore

/// Operations on layers, images of red, green, blue and straight alpha, for samples of 8 and 16 bits.
extension SampledImage {
  func over<Result: SampledImage>(_ background: RGBImage, using matte: Matte?) throws -> Result
  where Result.Sample == Sample {
    guard width == background.width, height == background.height else {
      throw MaskMergingError(
        .sizeMismatch,
        "a layer of \(width) × \(height) pixels over a picture of \(background.width) × \(background.height)")
    }
    return try over(background.pixels, step: 3, using: matte)
  }

  /// - Parameter step: Bytes from one pixel of the background to the next; 0 for one color.
  func over<Result: SampledImage>(_ background: [UInt8], step: Int, using matte: Matte?) throws -> Result
  where Result.Sample == Sample {
    try matte?.checkSize(equals: width, height)
    let (width, height, pool) = (width, height, matte?.pool ?? .forMasks)
    let most = Float(Sample.max)
    let widening = most / 255
    return try makeImage {
      try Result(width: width, height: height) { target in
        let target = DisjointBuffer(target)
        pool.forEachBand(ofRows: height) { rows, _ in
          pixels.withUnsafeBufferPointer { layer in
            background.withUnsafeBufferPointer { background in
              for pixel in rows.lowerBound * width..<rows.upperBound * width {
                let alpha = Float(layer[4 * pixel + 3]) / most * (matte?.plane.pointer[pixel] ?? 1)
                for channel in 0..<3 {
                  let below = Float(background[step * pixel + channel]) * widening
                  let value = below + (Float(layer[4 * pixel + channel]) - below) * alpha
                  target[3 * pixel + channel] = Sample(truncatingIfNeeded: Int32(value + 0.5))
                }
              }
            }
          }
        }
      }
    }
  }

  func over(_ color: RGBColor, opacity: UInt8) throws -> Self {
    let most = Float(Sample.max)
    let widening = most / 255
    let below = [color.red, color.green, color.blue].map { Float($0) * widening }
    return try makeImage {
      try Self(width: width, height: height) { target in
        pixels.withUnsafeBufferPointer { layer in
          for pixel in stride(from: 0, to: target.count, by: 4) {
            let alpha = Float(layer[pixel + 3])
            let rest = Float(opacity) * widening * (most - alpha) / most
            let total = alpha + rest
            for channel in 0..<3 {
              let sum = Float(layer[pixel + channel]) * alpha + below[channel] * rest
              target[pixel + channel] = total > 0 ? Sample(truncatingIfNeeded: Int32(sum / total + 0.5)) : 0
            }
            target[pixel + 3] = Sample(truncatingIfNeeded: Int32(total + 0.5))
          }
        }
      }
    }
  }

  func timesAlpha() throws -> Self {
    let most = UInt32(Sample.max)
    return try makeImage {
      try Self(width: width, height: height) { target in
        pixels.withUnsafeBufferPointer { layer in
          for pixel in stride(from: 0, to: target.count, by: 4) {
            let alpha = UInt32(layer[pixel + 3])
            for channel in pixel..<pixel + 3 {
              target[channel] = Sample(truncatingIfNeeded: (UInt32(layer[channel]) * alpha + most / 2) / most)
            }
            target[pixel + 3] = layer[pixel + 3]
          }
        }
      }
    }
  }

  /// - Parameter reach: Pixels by which colors are carried into what is transparent; the rest of it becomes black.
  func withHiddenColors(reach: Int) throws -> Self {
    try makeImage {
      try Self(width: width, height: height) { target in
        var isColored = [Bool](repeating: false, count: width * height)
        pixels.withUnsafeBufferPointer { layer in
          for pixel in isColored.indices {
            isColored[pixel] = layer[4 * pixel + 3] > 0
            for channel in 4 * pixel..<4 * pixel + 4 { target[channel] = isColored[pixel] ? layer[channel] : 0 }
          }
        }
        if reach > 0 { extendEdges(of: target, isColored: &isColored, reach: reach) }
      }
    }
  }

  /// Gives pixels without color the mean color of their neighbors that have one, ring by ring.
  private func extendEdges(of target: UnsafeMutableBufferPointer<Sample>, isColored: inout [Bool], reach: Int) {
    let (width, height) = (width, height)
    func forEachNeighbor(of pixel: Int, _ body: (Int) -> Void) {
      let (x, y) = (pixel % width, pixel / width)
      for row in max(y - 1, 0)...min(y + 1, height - 1) {
        for column in max(x - 1, 0)...min(x + 1, width - 1) { body(row * width + column) }
      }
    }
    // Pixels of the next ring; each is waiting once.
    var isWaiting = isColored
    var ring: [Int] = []
    for pixel in isColored.indices where isColored[pixel] {
      forEachNeighbor(of: pixel) { neighbor in
        if !isWaiting[neighbor] {
          isWaiting[neighbor] = true
          ring.append(neighbor)
        }
      }
    }
    for _ in 0..<reach where !ring.isEmpty {
      for pixel in ring {
        var (sums, count) = (SIMD4<UInt32>.zero, UInt32(0))
        forEachNeighbor(of: pixel) { neighbor in
          guard isColored[neighbor] else { return }
          for channel in 0..<3 { sums[channel] += UInt32(target[4 * neighbor + channel]) }
          count += 1
        }
        for channel in 0..<3 {
          target[4 * pixel + channel] = Sample(truncatingIfNeeded: (sums[channel] + count / 2) / max(count, 1))
        }
      }
      var next: [Int] = []
      for pixel in ring { isColored[pixel] = true }
      for pixel in ring {
        forEachNeighbor(of: pixel) { neighbor in
          if !isWaiting[neighbor] {
            isWaiting[neighbor] = true
            next.append(neighbor)
          }
        }
      }
      ring = next
    }
  }
}

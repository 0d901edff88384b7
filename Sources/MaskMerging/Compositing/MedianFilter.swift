package import ImageCoding
package import TensorCore

/// The median of each pixel's 3 × 3 neighbourhood, channel by channel, with the border repeated.
///
/// The same bytes as OpenCV's `medianBlur` with aperture 3.
package func medianFiltered(_ image: RGBImage, pool: WorkerPool) throws -> RGBImage {
  let (width, height) = (image.width, image.height)
  return try makeImage {
    try RGBImage(width: width, height: height) { target in
      let target = DisjointBuffer(target)
      pool.forEachBand(ofRows: height) { rows, _ in
        image.pixels.withUnsafeBufferPointer { source in
          guard let source = source.baseAddress else { return }
          let window = MedianWindow(width: width, channels: 3)
          for y in rows {
            for offset in -1...1 {
              window.load(source + min(max(y + offset, 0), height - 1) * width * 3, line: offset + 1)
            }
            window.filter(into: target.pointer(to: y * width * 3))
          }
        }
      }
    }
  }
}

/// Three consecutive lines, each with one pixel repeated at either end; scratch memory of one thread.
private final class MedianWindow {
  private let count: Int
  private let channels: Int
  private let stride: Int
  private let lines: UnsafeMutablePointer<UInt8>

  init(width: Int, channels: Int) {
    count = width * channels
    self.channels = channels
    // Vectors may read up to 15 bytes beyond the last pixel.
    stride = count + 2 * channels + 16
    lines = .allocate(capacity: 3 * stride)
    lines.initialize(repeating: 0, count: 3 * stride)
  }

  deinit { lines.deallocate() }

  func load(_ row: UnsafePointer<UInt8>, line: Int) {
    let target = lines + line * stride
    target.update(from: row, count: channels)
    (target + channels).update(from: row, count: count)
    (target + channels + count).update(from: row + count - channels, count: channels)
  }

  func filter(into target: UnsafeMutablePointer<UInt8>) {
    var x = 0
    while x + 16 <= count {
      UnsafeMutableRawPointer(target + x).storeBytes(of: median(at: x), as: SIMD16<UInt8>.self)
      x += 16
    }
    guard x < count else { return }
    let rest = median(at: x)
    for lane in 0..<count - x { target[x + lane] = rest[lane] }
  }

  /// The medians of sixteen neighbourhoods: of the three sorted columns' lows the largest, of their middles the median,
  /// of their highs the smallest; of those three, the median.
  @inline(__always)
  private func median(at x: Int) -> SIMD16<UInt8> {
    let left = sortedColumn(x)
    let middle = sortedColumn(x + channels)
    let right = sortedColumn(x + 2 * channels)
    let low = larger(larger(left.low, middle.low), right.low)
    let high = smaller(smaller(left.high, middle.high), right.high)
    return median(low, median(left.middle, middle.middle, right.middle), high)
  }

  /// The three lines' bytes at `x`, sorted.
  @inline(__always)
  private func sortedColumn(_ x: Int) -> (low: SIMD16<UInt8>, middle: SIMD16<UInt8>, high: SIMD16<UInt8>) {
    let (a, b, c) = (load(x, line: 0), load(x, line: 1), load(x, line: 2))
    let low = smaller(a, b)
    let high = larger(a, b)
    return (smaller(low, c), larger(low, smaller(high, c)), larger(high, c))
  }

  @inline(__always)
  private func load(_ x: Int, line: Int) -> SIMD16<UInt8> {
    UnsafeRawPointer(lines + line * stride + x).loadUnaligned(as: SIMD16<UInt8>.self)
  }

  @inline(__always)
  private func median(_ a: SIMD16<UInt8>, _ b: SIMD16<UInt8>, _ c: SIMD16<UInt8>) -> SIMD16<UInt8> {
    larger(smaller(a, b), smaller(larger(a, b), c))
  }

  @inline(__always)
  private func smaller(_ a: SIMD16<UInt8>, _ b: SIMD16<UInt8>) -> SIMD16<UInt8> { a.replacing(with: b, where: b .< a) }

  @inline(__always)
  private func larger(_ a: SIMD16<UInt8>, _ b: SIMD16<UInt8>) -> SIMD16<UInt8> { a.replacing(with: b, where: a .< b) }
}

import OpenBLAS
import TensorKernelBodies

/// A panel's product of uint8 activations and int8 weights by OpenBLAS, with the bits of the integer kernels.
///
/// The integers are multiplied as floats, at most 512 of the depth at a time: no partial sum in any order then exceeds
/// 512 · 255 · 128 < 2²⁴, up to where every integer is a float, so that each is exact. They are added up as int32.
struct OpenBLASIntegerProduct {
  let library: OpenBLAS
  let product: IntegerGEMMMicroKernel
  /// Words of a row of the panel.
  let panelWidth: Int
  /// Columns to compute, at most the panel's width.
  let columns: Int

  private typealias Instructions = Portable
  /// Columns that the epilogue finishes at once.
  private static let stripWidth = 2 * Instructions.Sums.scalarCount
  /// Four bytes each: 512 of the depth.
  private static let mostWords = 128

  /// A multiple of the epilogue's strips, in which the columns of a layer are shared out evenly.
  static func panelWidth(columns: Int, most: Int) -> Int {
    let panels = max((columns + most - 1) / most, 1)
    return roundUp((columns + panels - 1) / panels, to: stripWidth)
  }

  func callAsFunction() {
    guard product.rows > 0 else { return }
    let words = min(product.runLength, Self.mostWords)
    let (rows, width) = (product.rows, roundUp(columns, to: Self.stripWidth))
    let sizes = [rows * words * 4, words * 4 * width, rows * width]
    withUnsafeTemporaryAllocation(of: Float.self, capacity: sizes.reduce(0, +)) { floats in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows * width) { sums in
        guard let a = floats.baseAddress, let sums = sums.baseAddress else { return }
        let (b, c) = (a + sizes[0], a + sizes[0] + sizes[1])
        start(sums)
        for run in 0..<product.runs {
          for first in stride(from: 0, to: product.runLength, by: Self.mostWords) {
            let count = min(Self.mostWords, product.runLength - first)
            convertActivations(run, first, count, into: a)
            convertWeights(run * product.runLength + first, count, width, into: b)
            library.multiply(
              rows: rows, columns: width, depth: count * 4, a: a, aStride: count * 4, b: b, bStride: width,
              transposeB: false, c: c, cStride: width, adds: false)
            add(c, to: sums)
          }
        }
        finish(sums)
      }
    }
  }

  /// - Parameter a: Is filled, (rows, words · 4).
  private func convertActivations(_ run: Int, _ first: Int, _ words: Int, into a: UnsafeMutablePointer<Float>) {
    for row in 0..<product.rows {
      let bytes = product.a + (row &* product.aStride &+ run &* product.runStride &+ first &* 4)
      let floats = a + (row &* words &* 4)
      for index in 0..<words &* 4 { floats[index] = Float(bytes[index]) }
    }
  }

  /// - Parameter b: Is filled, (words · 4, width).
  private func convertWeights(_ first: Int, _ words: Int, _ width: Int, into b: UnsafeMutablePointer<Float>) {
    for row in 0..<words {
      let packed = product.panel + ((IntegerGEMMMicroKernel.headRows &+ first &+ row) &* panelWidth)
      for byte in 0..<4 {
        // A shift up and an arithmetic shift down leave one byte of a word with its sign.
        let shift = Int32(truncatingIfNeeded: 24 &- 8 &* byte)
        let floats = b + ((row &* 4 &+ byte) &* width)
        for column in 0..<width { floats[column] = Float((packed[column] &<< shift) &>> 24) }
      }
    }
  }

  /// Sums lie in strips of columns, (strips, rows, columns of a strip), as the epilogue takes them.
  private func start(_ sums: UnsafeMutablePointer<Int32>) {
    forEachStrip { first, _ in
      for row in 0..<product.rows {
        let place = first &* product.rows &+ row &* Self.stripWidth
        (sums + place).update(from: product.panel + first, count: Self.stripWidth)
      }
    }
  }

  /// - Parameter c: (rows, width).
  private func add(_ c: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Int32>) {
    let width = roundUp(columns, to: Self.stripWidth)
    forEachStrip { first, _ in
      for row in 0..<product.rows {
        let raw = UnsafeMutableRawPointer(sums + (first &* product.rows &+ row &* Self.stripWidth))
        let sum = raw.loadUnaligned(as: SIMD8<Int32>.self) &+ Self.integers(c.load8(row &* width &+ first))
        raw.storeBytes(of: sum, as: SIMD8<Int32>.self)
      }
    }
  }

  /// x as int32, of integers below 2²⁴.
  ///
  /// Adding 1.5 · 2²³ rounds to an integer, which then stands in the low bits of the sum if it is at most 2²²: so for the
  /// multiples of 4096, and for what is left.
  @inline(__always)
  private static func integers(_ x: SIMD8<Float>) -> SIMD8<Int32> {
    let magic = SIMD8<Float>(repeating: 12_582_912)
    let bits = unsafeBitCast(magic, to: SIMD8<Int32>.self)
    let high = x * (1 / 4096) + magic
    let low = x - (high - magic) * 4096 + magic
    let multiples = unsafeBitCast(high, to: SIMD8<Int32>.self) &- bits
    return (multiples &<< 12) &+ (unsafeBitCast(low, to: SIMD8<Int32>.self) &- bits)
  }

  private func finish(_ sums: UnsafePointer<Int32>) {
    forEachStrip { first, count in
      let sums = sums + (first &* product.rows)
      let result = product.result.advanced(rows: 0, columns: first)
      if count == Self.stripWidth {
        result.finish(
          sums, 0..<product.rows, head: product.panel + first, headStride: panelWidth, Instructions.self)
      } else {
        result.withWholeRows(product.rows, width: Self.stripWidth, columns: count) { rows, whole in
          whole.finish(
            sums + (rows.lowerBound &* Self.stripWidth), 0..<rows.count, head: product.panel + first,
            headStride: panelWidth, Instructions.self)
        }
      }
    }
  }

  /// - Parameter body: Takes a strip's first column and the number of its columns that the result has.
  private func forEachStrip(_ body: (_ first: Int, _ count: Int) -> Void) {
    for first in stride(from: 0, to: columns, by: Self.stripWidth) {
      body(first, min(Self.stripWidth, columns - first))
    }
  }
}

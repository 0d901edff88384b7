/// A borrowed fp32 matrix, row-major: element (row, column) lies at `base[row * rowStride + column]`.
///
/// A handle for kernels: it owns nothing, checks nothing beyond debug assertions, and must not outlive the tensor or
/// constant that it was taken from.
package struct Matrix: @unchecked Sendable {
  package let base: UnsafeMutablePointer<Float>
  package let rows: Int
  package let columns: Int
  /// Elements from one row to the next; at least `columns`.
  package let rowStride: Int

  package init(_ base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, rowStride: Int? = nil) {
    self.base = base
    self.rows = rows
    self.columns = columns
    self.rowStride = rowStride ?? columns
    assert(rows >= 0 && columns >= 0 && self.rowStride >= columns)
  }

  /// A constant seen as a matrix; kernels only read from it.
  package init(_ constant: Constant<Float>, rows: Int, columns: Int) {
    assert(rows * columns <= constant.count)
    self.init(UnsafeMutablePointer(mutating: constant.pointer), rows: rows, columns: columns)
  }

  package func row(_ index: Int) -> UnsafeMutablePointer<Float> { base + index * rowStride }

  package func rows(_ range: Range<Int>) -> Matrix {
    assert(range.lowerBound >= 0 && range.upperBound <= rows)
    return Matrix(row(range.lowerBound), rows: range.count, columns: columns, rowStride: rowStride)
  }

  package func columns(_ range: Range<Int>) -> Matrix {
    assert(range.lowerBound >= 0 && range.upperBound <= columns)
    return Matrix(base + range.lowerBound, rows: rows, columns: range.count, rowStride: rowStride)
  }

  package var isContiguous: Bool { rowStride == columns || rows <= 1 }
}

/// A borrowed feature map, axes (height, width, channels), contiguous: NHWC with N = 1.
///
/// The same memory is the token matrix (height · width, channels), which is why a 1 × 1 convolution is one GEMM.
package struct FeatureMap: @unchecked Sendable {
  package let base: UnsafeMutablePointer<Float>
  package let height: Int
  package let width: Int
  package let channels: Int

  package init(_ base: UnsafeMutablePointer<Float>, height: Int, width: Int, channels: Int) {
    assert(height >= 0 && width >= 0 && channels >= 0)
    self.base = base
    self.height = height
    self.width = width
    self.channels = channels
  }

  package var count: Int { height * width * channels }

  /// One row a pixel, one column a channel.
  package var tokens: Matrix { Matrix(base, rows: height * width, columns: channels) }

  package func pixel(_ y: Int, _ x: Int) -> UnsafeMutablePointer<Float> { base + (y * width + x) * channels }
}

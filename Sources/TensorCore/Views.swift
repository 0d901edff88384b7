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

  /// Rows of a block, where the matrix is cut into blocks of so many rows; the last one may have fewer.
  package func block(_ index: Int, rows count: Int) -> Matrix {
    rows(index * count..<min((index + 1) * count, rows))
  }

  package func columns(_ range: Range<Int>) -> Matrix {
    assert(range.lowerBound >= 0 && range.upperBound <= columns)
    return Matrix(base + range.lowerBound, rows: rows, columns: range.count, rowStride: rowStride)
  }

  package var isContiguous: Bool { rowStride == columns || rows <= 1 }
}

/// A borrowed activation with axes (height, width, channels), contiguous: NHWC with N = 1; must not outlive its tensor.
///
/// The same memory is the token matrix (height · width, channels), which is why a 1 × 1 convolution is one GEMM.
/// Public so that `pixel` is inlined in other modules, as `DisjointBuffer` is.
public struct FeatureMap<Element: ActivationElement>: @unchecked Sendable {
  public let base: UnsafeMutablePointer<Element>
  public let height: Int
  public let width: Int
  public let channels: Int
  public let quantization: Element.Quantization

  @inlinable
  public init(
    _ base: UnsafeMutablePointer<Element>, height: Int, width: Int, channels: Int, quantization: Element.Quantization
  ) {
    assert(height >= 0 && width >= 0 && channels >= 0)
    self.base = base
    self.height = height
    self.width = width
    self.channels = channels
    self.quantization = quantization
  }

  @inlinable
  public var count: Int { height * width * channels }

  @inlinable
  public func pixel(_ y: Int, _ x: Int) -> UnsafeMutablePointer<Element> { base + (y * width + x) * channels }
}

extension FeatureMap where Element == Float {
  @inlinable
  public init(_ base: UnsafeMutablePointer<Float>, height: Int, width: Int, channels: Int) {
    self.init(base, height: height, width: width, channels: channels, quantization: ())
  }

  /// One row a pixel, one column a channel.
  package var tokens: Matrix { Matrix(base, rows: height * width, columns: channels) }
}

extension FeatureMap where Element == UInt8 {
  /// The same elements with another quantization.
  package func requantized(_ quantization: QuantizationParameters) -> FeatureMap {
    FeatureMap(base, height: height, width: width, channels: channels, quantization: quantization)
  }
}

package import TensorCore
import TensorKernelBodies

/// Layer normalization over the columns of each row, as PyTorch's `nn.LayerNorm` (Ba et al., arXiv 1607.06450).
package struct LayerNorm: Sendable {
  private let weight: Constant<Float>
  private let bias: Constant<Float>
  private let epsilon: Float

  /// - Parameters:
  ///   - weight: (columns), multiplied with the normalized row.
  ///   - bias: (columns), added last.
  ///   - epsilon: Added to the variance.
  package init(weight: Constant<Float>, bias: Constant<Float>, epsilon: Float = 1e-5) {
    precondition(weight.count == bias.count)
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }

  /// y = norm(x + residual), all (rows, columns); y may be x or the residual.
  package func callAsFunction(_ x: Matrix, residual: Matrix? = nil, into y: Matrix, _ execution: Execution) {
    assert(x.columns == weight.count && y.columns == x.columns && y.rows == x.rows)
    let columns = x.columns
    execution.pool.forEachRange(x.rows, grain: rowGrain(columns: columns)) { rows, _ in
      for row in rows {
        let target = y.row(row)
        if let residual {
          addRow(x.row(row), residual.row(row), into: target, count: columns)
          normalizeRow(target, into: target)
        } else {
          normalizeRow(x.row(row), into: target)
        }
      }
    }
  }

  /// Normalizes the rows of x where they are, on the caller's thread: what other kernels do with a block of rows that
  /// they have just written.
  func normalize(_ x: Matrix) {
    for row in 0..<x.rows { normalizeRow(x.row(row), into: x.row(row)) }
  }

  @inline(__always)
  private func normalizeRow(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    let count = weight.count
    let mean = sum(x, count: count) / Float(count)
    let variance = sumOfSquares(x, around: mean, count: count) / Float(count)
    let scale = 1 / (variance + epsilon).squareRoot()
    let (weight, bias) = (weight.pointer, bias.pointer)
    var index = 0
    while index + 8 <= count {
      y.store((x.load8(index) - mean) * scale * weight.load8(index) + bias.load8(index), index)
      index += 8
    }
    while index < count {
      y[index] = (x[index] - mean) * scale * weight[index] + bias[index]
      index += 1
    }
  }
}

@inline(__always)
private func sum(_ x: UnsafePointer<Float>, count: Int) -> Float {
  var (even, odd) = (SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0))
  var index = 0
  while index + 16 <= count {
    even += x.load8(index)
    odd += x.load8(index + 8)
    index += 16
  }
  var total = (even + odd).laneSum
  while index < count {
    total += x[index]
    index += 1
  }
  return total
}

@inline(__always)
private func sumOfSquares(_ x: UnsafePointer<Float>, around mean: Float, count: Int) -> Float {
  var (even, odd) = (SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0))
  var index = 0
  while index + 16 <= count {
    let (first, second) = (x.load8(index) - mean, x.load8(index + 8) - mean)
    even += first * first
    odd += second * second
    index += 16
  }
  var total = (even + odd).laneSum
  while index < count {
    total += (x[index] - mean) * (x[index] - mean)
    index += 1
  }
  return total
}

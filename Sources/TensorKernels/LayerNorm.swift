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
  package func callAsFunction(_ x: Matrix, residual: Matrix? = nil, into y: Matrix, _ context: ExecutionContext) {
    assert(x.columns == weight.count && y.columns == x.columns && y.rows == x.rows)
    context.pool.forEachRange(
      x.rows, grain: rowGrain(columns: x.columns), sharing: (self, x, residual, y, context.instructions)
    ) { rows, _, shared in
      let (norm, x, residual, y, instructions) = shared
      norm.normalize(x.rows(rows), residual: residual?.rows(rows), into: y.rows(rows), instructions)
    }
  }

  /// Normalizes the rows of x where they are, on the caller's thread: what other kernels do with a block of rows that
  /// they have just written.
  func normalize(_ x: Matrix, _ instructions: InstructionSet) {
    normalize(x, residual: nil, into: x, instructions)
  }

  private func normalize(_ x: Matrix, residual: Matrix?, into y: Matrix, _ instructions: InstructionSet) {
    instructions.kernels.layerNorm(
      LayerNormRows(
        x: x.floatRows, residual: residual?.floatRows, y: y.floatRows, rows: x.rows, columns: x.columns,
        weight: weight.pointer, bias: bias.pointer, epsilon: epsilon))
  }
}

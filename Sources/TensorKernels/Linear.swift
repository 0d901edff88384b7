package import TensorCore

/// y = x · Wᵀ + b: a fully connected layer, as PyTorch's `nn.Linear`.
package struct Linear: Sendable {
  package let inputs: Int
  package let outputs: Int
  private let weight: Constant<Float>
  private let bias: Constant<Float>?

  /// A layer of the given weight (outputs, inputs), row-major, and bias (outputs), nil for none.
  package init(weight: Constant<Float>, bias: Constant<Float>?, inputs: Int, outputs: Int) {
    precondition(weight.count == inputs * outputs && bias?.count ?? outputs == outputs)
    self.weight = weight
    self.bias = bias
    self.inputs = inputs
    self.outputs = outputs
  }

  /// y = activation(x · Wᵀ + b + residual).
  ///
  /// x (rows, inputs); y and residual (rows, outputs). The residual may be y; x must not overlap y.
  package func callAsFunction(
    _ x: Matrix, into y: Matrix, activation: Activation = .none, residual: Matrix? = nil, _ execution: Execution
  ) {
    assert(x.columns == inputs && y.columns == outputs && x.rows == y.rows)
    let finish = TileFinish(bias: bias?.pointer, residual: residual, activation: activation)
    let weight = Matrix(weight, rows: outputs, columns: inputs)
    multiplyTransposed(x, weight, into: y, finish, pool: execution.pool)
  }

  /// As above, into a new tensor (rows, outputs).
  package func callAsFunction(
    _ x: Matrix, activation: Activation = .none, residual: Matrix? = nil, _ execution: Execution
  ) -> Tensor {
    let y = execution.arena.matrix(rows: x.rows, columns: outputs)
    self(x, into: y.matrix, activation: activation, residual: residual, execution)
    return y
  }
}

/// y = activation(x · Wᵀ + bias + residual), tile by tile: the product of fully connected and 1 × 1 layers.
func multiplyTransposed(
  _ x: Matrix, _ weight: Matrix, into y: Matrix, _ finish: TileFinish, pool: WorkerPool
) {
  let grid = TileGrid(rows: y.rows, columns: y.columns, threads: pool.threads)
  pool.forEach(grid.count) { index, _ in
    let (rows, columns) = grid.tile(index)
    let tile = y.rows(rows).columns(columns)
    finish.prepare(tile, rows: rows, columns: columns)
    SingleThreadedBLAS.multiply(
      x.rows(rows), weight.rows(columns), transposeB: true, into: tile, accumulate: finish.isPrepared)
    finish.finish(tile)
  }
}

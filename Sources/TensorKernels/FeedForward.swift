package import TensorCore

/// norm(x + linear2(relu(linear1(x)))): the position-wise feed-forward network of a transformer layer with its residual
/// and the norm behind it (Vaswani et al., arXiv 1706.03762, section 3.3).
///
/// It runs block by block of rows, so that what is between the two layers, several times as wide as x, never leaves a
/// core's cache.
package struct FeedForward: Sendable {
  let linear1: Linear
  let linear2: Linear
  let norm: LayerNorm

  private static let blockRows = 96

  package init(linear1: Linear, linear2: Linear, norm: LayerNorm) {
    precondition(linear1.outputs == linear2.inputs && linear1.inputs == linear2.outputs)
    self.linear1 = linear1
    self.linear2 = linear2
    self.norm = norm
  }

  /// Replaces the rows of x, (rows, inputs).
  package func callAsFunction(_ x: Matrix, _ execution: Execution) {
    assert(x.columns == linear1.inputs)
    if execution.probe != nil { return layerByLayer(x, execution) }
    let blocks = (x.rows + Self.blockRows - 1) / Self.blockRows
    let scratch = execution.scratch(perThread: min(Self.blockRows, x.rows) * linear1.outputs)
    let buffers = scratch.matrix
    let (first, second) = (linear1.weights.panels, linear2.weights.panels)
    execution.pool.forEach(blocks) { block, thread in
      let rows = x.rows(block * Self.blockRows..<min((block + 1) * Self.blockRows, x.rows))
      let hidden = Matrix(buffers.row(thread), rows: rows.rows, columns: linear1.outputs)
      first.multiply(rows, panels: 0..<first.count, into: hidden, activation: .relu)
      second.multiply(hidden, panels: 0..<second.count, into: rows, residual: rows)
      norm.normalize(rows)
    }
  }

  /// The same, with whole matrices for a probe to look at.
  private func layerByLayer(_ x: Matrix, _ execution: Execution) {
    let hidden = linear1(x, activation: .relu, execution)
    linear2(hidden.matrix, into: x, residual: x, norm: norm, execution)
  }
}

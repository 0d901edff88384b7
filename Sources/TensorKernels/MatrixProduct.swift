package import TensorCore

/// C = A · B, or A · Bᵀ, with panels of C's columns dealt over the pool: A has few rows, B is not worth packing as a whole.
///
/// A (rows, depth); B (depth, columns), or (columns, depth) when transposed; C (rows, columns), overlapping neither.
package func matrixProduct(_ a: Matrix, _ b: Matrix, transposeB: Bool, into c: Matrix, _ context: ExecutionContext) {
  let panels = PackedRightOperand(b, transposed: transposeB, context.instructions.kernels, context.arithmetic)
  assert(a.columns == panels.depth && c.rows == a.rows && c.columns == panels.columns)
  let scratch = context.scratch(perThread: panels.panelSize)
  let buffers = scratch.matrix
  context.pool.forEach(panels.count) { panel, thread in
    panels.multiply(a, panel: panel, into: c, buffer: buffers.row(thread))
  }
}

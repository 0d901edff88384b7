package import TensorCore
import TensorKernelBodies

/// The right operand of a product of activations with each other. It is packed a panel at a time, as a layer's weight is
/// at load, just before it is multiplied with.
struct PackedRightOperand {
  /// (depth, columns), or (columns, depth) when transposed.
  let matrix: Matrix
  let isTransposed: Bool
  let kernels: KernelConfiguration
  let arithmetic: Arithmetic

  init(_ matrix: Matrix, transposed: Bool, _ kernels: KernelConfiguration, _ arithmetic: Arithmetic) {
    self.matrix = matrix
    isTransposed = transposed
    self.kernels = kernels
    self.arithmetic = arithmetic
  }

  var depth: Int { isTransposed ? matrix.columns : matrix.rows }
  var columns: Int { isTransposed ? matrix.rows : matrix.columns }
  var count: Int { (columns + kernels.nr - 1) / kernels.nr }

  /// Elements of a packed panel.
  var panelSize: Int { Self.panelSize(depth: depth, kernels) }

  static func panelSize(depth: Int, _ kernels: KernelConfiguration) -> Int { (1 + depth) * kernels.nr }

  /// c = a · panel + residual for the columns of one panel, on the caller's thread.
  ///
  /// a (rows, depth); c and residual (rows, columns or more); the residual may be c. Where c is wider, what lies between
  /// there and the panel's end is overwritten.
  /// - Parameter buffer: Scratch buffer of `panelSize` elements.
  func multiply(
    _ a: Matrix, panel: Int, into c: Matrix, residual: Matrix? = nil, buffer: UnsafeMutablePointer<Float>
  ) {
    let first = panel * kernels.nr
    let range = first..<min(first + kernels.nr, c.columns)
    pack(panel, into: buffer)
    let packed = PackedPanels(
      base: buffer, depth: depth, columns: range.count, panelSize: panelSize, kernels: kernels,
      arithmetic: arithmetic)
    packed.multiply(a, panels: 0..<1, into: c.columns(range), residual: residual?.columns(range))
  }

  private func pack(_ panel: Int, into buffer: UnsafeMutablePointer<Float>) {
    let first = panel * kernels.nr
    let packing = PanelPacking(
      source: isTransposed ? matrix.row(first) : matrix.base + first, stride: matrix.rowStride, depth: depth,
      columns: min(kernels.nr, columns - first), panel: buffer)
    if isTransposed { kernels.packByTransposing(packing) } else { kernels.packByCopying(packing) }
  }
}

/// C = A · B, or A · Bᵀ, with panels of C's columns shared out over the pool: A has few rows, B is not worth packing as a whole.
///
/// A (rows, depth); B (depth, columns), or (columns, depth) when transposed; C (rows, columns), overlapping neither.
package func matrixProduct(_ a: Matrix, _ b: Matrix, transposeB: Bool, into c: Matrix, _ context: ExecutionContext) {
  let panels = PackedRightOperand(b, transposed: transposeB, context.instructions.kernels, context.arithmetic)
  assert(a.columns == panels.depth && c.rows == a.rows && c.columns == panels.columns)
  var layout = ScratchLayout()
  let packed = layout.add(Float.self, count: panels.panelSize)
  let scratch = context.scratch(layout)
  context.pool.forEach(panels.count, sharing: (panels, a, c, scratch.threads, packed)) { panel, thread, shared in
    let (panels, a, c, threads, packed) = shared
    panels.multiply(a, panel: panel, into: c, buffer: threads[thread][packed])
  }
}

package import TensorCore
import TensorKernelBodies

/// The right operand of a product of activations with each other. For tiles it is packed a panel at a time, as a layer's weight
/// is at load, just before it is multiplied with; OpenBLAS reads it where it lies.
struct PackedRightOperand {
  /// (depth, columns), or (columns, depth) when transposed.
  let matrix: Matrix
  let isTransposed: Bool
  let gemm: GEMM

  init(_ matrix: Matrix, transposed: Bool, _ gemm: GEMM) {
    self.matrix = matrix
    isTransposed = transposed
    self.gemm = gemm
  }

  var depth: Int { isTransposed ? matrix.columns : matrix.rows }
  var columns: Int { isTransposed ? matrix.rows : matrix.columns }
  var count: Int { (columns + gemm.nr - 1) / gemm.nr }

  /// Elements of a packed panel.
  var panelSize: Int { Self.panelSize(depth: depth, gemm) }

  static func panelSize(depth: Int, _ gemm: GEMM) -> Int {
    if case .tiles = gemm.method { (1 + depth) * gemm.nr } else { 0 }
  }

  /// c = a · panel + residual for the columns of one panel, on the caller's thread.
  ///
  /// a (rows, depth); c and residual (rows, columns or more); the residual may be c. Where c is wider, what lies between
  /// there and the panel's end may be overwritten.
  /// - Parameter buffer: Scratch buffer of `panelSize` elements.
  func multiply(
    _ a: Matrix, panel: Int, into c: Matrix, residual: Matrix? = nil, buffer: UnsafeMutablePointer<Float>
  ) {
    let first = panel * gemm.nr
    switch gemm.method {
    case .tiles(let tiles):
      let range = first..<min(first + gemm.nr, c.columns)
      pack(first, into: buffer, tiles)
      let packed = PackedPanels(base: buffer, layout: PanelLayout(depth: depth, columns: range.count, gemm))
      packed.multiply(a, panels: 0..<1, into: c.columns(range), residual: residual?.columns(range))
    case .openBLAS(let library):
      let range = first..<min(first + gemm.nr, columns)
      let product = OpenBLASProduct(
        library: library, a: a, b: isTransposed ? matrix.row(first) : matrix.base + first, bStride: matrix.rowStride,
        transposeB: isTransposed, residual: residual?.columns(range))
      product(into: c.columns(range))
    }
  }

  private func pack(_ first: Int, into buffer: UnsafeMutablePointer<Float>, _ tiles: TileGEMM) {
    let packing = PanelPacking(
      source: isTransposed ? matrix.row(first) : matrix.base + first, stride: matrix.rowStride, depth: depth,
      columns: min(gemm.nr, columns - first), panel: buffer)
    if isTransposed { tiles.packByTransposing(packing) } else { tiles.packByCopying(packing) }
  }
}

/// C = A · B, or A · Bᵀ, with panels of C's columns shared out over the pool: A has few rows, B is not worth packing as a whole.
///
/// A (rows, depth); B (depth, columns), or (columns, depth) when transposed; C (rows, columns), overlapping neither.
package func matrixProduct(_ a: Matrix, _ b: Matrix, transposeB: Bool, into c: Matrix, _ context: ExecutionContext) {
  let panels = PackedRightOperand(b, transposed: transposeB, context.gemm)
  assert(a.columns == panels.depth && c.rows == a.rows && c.columns == panels.columns)
  var layout = ScratchLayout()
  let packed = layout.add(Float.self, count: panels.panelSize)
  let scratch = context.scratch(layout)
  context.pool.forEach(panels.count, sharing: (panels, a, c, scratch.threads, packed)) { panel, thread, shared in
    let (panels, a, c, threads, packed) = shared
    panels.multiply(a, panel: panel, into: c, buffer: threads[thread][packed])
  }
}

package import TensorCore

/// C = A · B, or A · Bᵀ, with tiles of C dealt over the pool.
///
/// A (rows, depth); B (depth, columns), or (columns, depth) when transposed; C (rows, columns), overlapping neither.
package func matrixProduct(_ a: Matrix, _ b: Matrix, transposeB: Bool, into c: Matrix, pool: WorkerPool) {
  let grid = TileGrid(rows: c.rows, columns: c.columns, threads: pool.threads)
  pool.forEach(grid.count) { index, _ in
    let tile = grid.tile(index)
    SingleThreadedBLAS.multiply(
      a.rows(tile.rows), transposeB ? b.rows(tile.columns) : b.columns(tile.columns), transposeB: transposeB,
      into: c.rows(tile.rows).columns(tile.columns))
  }
}

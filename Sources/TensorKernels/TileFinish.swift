import TensorCore

/// What goes with a tile of a layer's products: bias and residual laid down before them, activation after them.
///
/// Laying bias and residual down first costs nothing extra: the product then adds to the tile instead of clearing it.
struct TileFinish {
  let bias: UnsafePointer<Float>?
  /// Of the result's size; may be the result itself.
  let residual: Matrix?
  let activation: Activation

  /// Whether the products are to be added to what `prepare` laid down.
  var isPrepared: Bool { bias != nil || residual != nil }

  /// Lays bias and residual down in the tile of the result at the given rows and columns.
  func prepare(_ tile: Matrix, rows: Range<Int>, columns: Range<Int>) {
    let bias = bias.map { $0 + columns.lowerBound }
    let residual = residual?.rows(rows).columns(columns)
    for row in 0..<tile.rows {
      let target = tile.row(row)
      switch (bias, residual?.row(row)) {
      case (let bias?, let source?): addRow(bias, UnsafePointer(source), into: target, count: tile.columns)
      case (let bias?, nil): target.update(from: bias, count: tile.columns)
      case (nil, let source?): if source != target { target.update(from: source, count: tile.columns) }
      case (nil, nil): return
      }
    }
  }

  /// Applies the activation to a finished tile.
  func finish(_ tile: Matrix) {
    guard case .relu = activation else { return }
    for row in 0..<tile.rows {
      let values = tile.row(row)
      mapRow(values, into: values, count: tile.columns) { rectified($0) }
    }
  }
}

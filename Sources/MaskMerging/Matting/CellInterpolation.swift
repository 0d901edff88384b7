/// The two cells of a grid between whose middles the middle of a pixel lies, and the interpolation weight of the second.
struct CellInterpolation {
  /// Index among the cells, counted from the first of them.
  let first: Int
  let second: Int
  /// Weight of the second cell; that of the first is `1 - weight`.
  let weight: Float

  /// - Parameters:
  ///   - cell: Pixels along a cell's edge.
  ///   - cells: The cells of the grid. Beyond the middle of the outermost one, that cell alone counts.
  init(pixel: Int, cell: Int, cells: Range<Int>) {
    let position = (Float(pixel) + 0.5) / Float(cell) - 0.5 - Float(cells.lowerBound)
    let inside = min(max(position, 0), Float(cells.count - 1))
    first = Int(inside)
    second = min(first + 1, cells.count - 1)
    weight = inside - Float(first)
  }
}

/// The two cells of a grid between whose middles a pixel's middle lies, and how far towards the second.
struct LinearTap {
  /// From the first of the cells.
  let first: Int
  let second: Int
  let share: Float

  /// - Parameters:
  ///   - cell: Pixels along a cell's edge.
  ///   - cells: Those that there are; at the ends the outermost cell counts alone.
  init(pixel: Int, cell: Int, cells: Range<Int>) {
    let position = (Float(pixel) + 0.5) / Float(cell) - 0.5 - Float(cells.lowerBound)
    let inside = min(max(position, 0), Float(cells.count - 1))
    first = Int(inside)
    second = min(first + 1, cells.count - 1)
    share = inside - Float(first)
  }
}

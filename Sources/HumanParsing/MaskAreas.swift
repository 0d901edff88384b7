import TensorCore

/// The connected areas of a mask on the network's grid: of the cells whose logit is positive. Cells that touch at a
/// corner are connected.
struct MaskAreas {
  struct Area {
    var cells: Int
    var rows: Range<Int>
    /// Index of the area's first cell, row by row.
    let firstCell: Int
  }

  let height: Int
  let width: Int
  private(set) var areas: [Area] = []
  /// The area that each cell belongs to, axes (height, width); -1 for none.
  private var owner: [Int]

  /// - Parameters:
  ///   - logits: Axes (height, width).
  ///   - visibleRows: Rows that show the picture; those after them are padding, in which there are no areas.
  ///   - visibleColumns: The same for columns.
  /// - Precondition: There are height × width logits.
  init(_ logits: Constant<Float>, height: Int, width: Int, visibleRows: Int, visibleColumns: Int) {
    precondition(logits.count == height * width, "one logit a cell")
    self.height = height
    self.width = width
    owner = Array(repeating: -1, count: height * width)
    logits.withElements { logits in
      for y in 0..<min(visibleRows, height) {
        for x in 0..<min(visibleColumns, width) where logits[y * width + x] > 0 && owner[y * width + x] < 0 {
          fill(from: y * width + x, min(visibleRows, height), min(visibleColumns, width)) { logits[$0] > 0 }
        }
      }
    }
  }

  private mutating func fill(from first: Int, _ rows: Int, _ columns: Int, where isInside: (Int) -> Bool) {
    var area = Area(cells: 0, rows: first / width..<first / width + 1, firstCell: first)
    var open = [first]
    owner[first] = areas.count
    while let cell = open.popLast() {
      let (y, x) = cell.quotientAndRemainder(dividingBy: width)
      area.cells += 1
      area.rows = min(area.rows.lowerBound, y)..<max(area.rows.upperBound, y + 1)
      for row in max(y - 1, 0)..<min(y + 2, rows) {
        for column in max(x - 1, 0)..<min(x + 2, columns) {
          let next = row * width + column
          if owner[next] < 0, isInside(next) {
            owner[next] = areas.count
            open.append(next)
          }
        }
      }
    }
    areas.append(area)
  }

  /// The number that the area nearest to each cell has, by steps to the four neighbours; axes (height, width).
  ///
  /// - Parameter numbers: The number of each area; areas of `nil` are passed over.
  /// - Returns: Numbers, `nil` everywhere if no area has one.
  func nearest(_ numbers: [Int?]) -> [Int?] {
    var result: [Int?] = owner.map { $0 < 0 ? nil : numbers[$0] }
    var ring = result.indices.filter { result[$0] != nil }
    while !ring.isEmpty {
      var next: [Int] = []
      for cell in ring {
        let (y, x) = cell.quotientAndRemainder(dividingBy: width)
        for (row, column) in [(y - 1, x), (y, x - 1), (y, x + 1), (y + 1, x)]
        where (0..<height).contains(row) && (0..<width).contains(column) && result[row * width + column] == nil {
          result[row * width + column] = result[cell]
          next.append(row * width + column)
        }
      }
      ring = next
    }
    return result
  }
}

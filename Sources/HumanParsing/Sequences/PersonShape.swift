import MaskMerging

/// Where a person is in a frame: a mask on a grid of 64 × 64 cells that covers the frame, whatever its size.
struct PersonShape: Sendable, Hashable, Codable {
  /// Cells along each axis; a row is the bits of a word.
  static let cells = 64

  /// Bit x of word y is the cell (x, y).
  private(set) var rows: [UInt64]

  init(rows: [UInt64]) {
    precondition(rows.count == Self.cells, "a word a row")
    self.rows = rows
  }

  /// Cells of which a third of nine places is inside, and the middle of the box where the person is smaller than that.
  ///
  /// - Parameter box: The box of the mask's pixels.
  init(_ mask: BinaryMask, box: BoundingBox) {
    rows = Array(repeating: 0, count: Self.cells)
    let columns = Self.cells(from: box.x, count: box.width, of: mask.width)
    for y in Self.cells(from: box.y, count: box.height, of: mask.height) {
      for x in columns where Self.isInside(mask, x, y) { rows[y] |= 1 << UInt64(x) }
    }
    if isEmpty {
      let x = Self.cells(from: box.x + box.width / 2, count: 1, of: mask.width)
      let y = Self.cells(from: box.y + box.height / 2, count: 1, of: mask.height)
      rows[y.lowerBound] = 1 << UInt64(x.lowerBound)
    }
  }

  private static func isInside(_ mask: BinaryMask, _ x: Int, _ y: Int) -> Bool {
    var count = 0
    for place in 0..<9 {
      let column = ((3 * x + place % 3) * 2 + 1) * mask.width / (6 * cells)
      let row = ((3 * y + place / 3) * 2 + 1) * mask.height / (6 * cells)
      if mask[x: column, y: row] { count += 1 }
    }
    return count >= 3
  }

  /// The cells that some pixels of an axis touch.
  private static func cells(from start: Int, count: Int, of size: Int) -> ClosedRange<Int> {
    let first = min(max(start * cells / size, 0), cells - 1)
    return first...min(max((start + count - 1) * cells / size, first), cells - 1)
  }

  var isEmpty: Bool { rows.allSatisfy { $0 == 0 } }

  /// The shape moved by whole cells; what leaves the frame is gone.
  func moved(x: Int, y: Int) -> PersonShape {
    guard abs(x) < Self.cells, abs(y) < Self.cells else {
      return PersonShape(rows: Array(repeating: 0, count: Self.cells))
    }
    return PersonShape(
      rows: (0..<Self.cells).map { row in
        guard rows.indices.contains(row - y) else { return 0 }
        return x >= 0 ? rows[row - y] << UInt64(x) : rows[row - y] >> UInt64(-x)
      })
  }

  /// Intersection over union of two shapes, 0 to 1; 0 if both are empty.
  func overlap(with other: PersonShape) -> Float {
    var (shared, all) = (0, 0)
    for (row, otherRow) in zip(rows, other.rows) {
      shared += (row & otherRow).nonzeroBitCount
      all += (row | otherRow).nonzeroBitCount
    }
    return all > 0 ? Float(shared) / Float(all) : 0
  }
}

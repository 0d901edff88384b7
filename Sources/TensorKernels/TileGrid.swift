/// How a matrix product's result is cut into tiles for the threads.
///
/// OpenBLAS packs both operands anew at each call, which costs 1 / rows + 1 / columns of the arithmetic: tiles are as
/// large as they can be while a tile stays in a core's L2 for what follows it and every thread has one.
struct TileGrid {
  let rows: Int
  let columns: Int
  let rowTiles: Int
  let columnTiles: Int

  private static let tallestTile = 512
  private static let widestTile = 1024
  /// No tile is made thinner than this only to keep a thread busy.
  private static let thinnestTile = 32

  init(rows: Int, columns: Int, threads: Int, tallest: Int = tallestTile) {
    self.rows = rows
    self.columns = columns
    var rowTiles = max((rows + tallest - 1) / tallest, 1)
    var columnTiles = max((columns + Self.widestTile - 1) / Self.widestTile, 1)
    if rowTiles * columnTiles < threads * 4, threads > 1 {
      if rows >= columns {
        rowTiles = Self.rounded(rowTiles, columnTiles, threads, length: rows)
      } else {
        columnTiles = Self.rounded(columnTiles, rowTiles, threads, length: columns)
      }
    }
    self.rowTiles = rowTiles
    self.columnTiles = columnTiles
  }

  var count: Int { rowTiles * columnTiles }

  /// The tile's rows and columns. Tiles of the same rows follow each other.
  func tile(_ index: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    let (row, column) = (index / columnTiles, index % columnTiles)
    return (Self.part(row, of: rowTiles, length: rows), Self.part(column, of: columnTiles, length: columns))
  }

  /// Rows of the tallest tile.
  var tallest: Int { min(roundUp((rows + rowTiles - 1) / rowTiles, to: Self.step) + Self.step, rows) }

  /// Cuts fall on multiples of this, so that OpenBLAS's microkernels are full up to the last tile.
  private static let step = 16

  private static func part(_ index: Int, of parts: Int, length: Int) -> Range<Int> {
    cut(index, of: parts, length: length)..<cut(index + 1, of: parts, length: length)
  }

  private static func cut(_ index: Int, of parts: Int, length: Int) -> Int {
    index == parts ? length : min(roundUp(length * index / parts, to: step), length)
  }

  /// More parts along one side, so that every thread gets the same number of tiles, as far as that side is long enough.
  private static func rounded(_ parts: Int, _ others: Int, _ threads: Int, length: Int) -> Int {
    let wanted = roundUp(parts * others, to: threads)
    return max(parts, min((wanted + others - 1) / others, length / thinnestTile))
  }
}

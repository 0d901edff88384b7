public import ImageCoding

extension Palette {
  /// A picture that shows which color stands for which label: a swatch and the name, one label below the other.
  ///
  /// - Parameters:
  ///   - labels: 1 to 256 labels, in this order. Names are cut off after 40 characters, and characters other than ASCII
  ///     letters, digits, hyphen and space are drawn as a box.
  ///   - scale: Pixels along each edge of a dot of the font, 1 to 8. A row of the legend is 15 dots high.
  /// - Returns: A picture as wide as the longest name requires.
  /// - Throws: ``MaskMergingError`` with the code `unknownLabel` for a label without a color, or `invalidOption` for
  ///   another scale or number of labels.
  public func legend(of labels: [Label], scale: Int = 2) throws -> RGBImage {
    guard (1...8).contains(scale) else {
      throw MaskMergingError(.invalidOption, "the scale of a legend is 1 to 8, not \(scale)")
    }
    guard (1...256).contains(labels.count) else {
      throw MaskMergingError(.invalidOption, "a legend has 1 to 256 labels, not \(labels.count)")
    }
    let entries = try labels.map { (name: $0.name.prefix(LegendLayout.longestName), color: try color(of: $0)) }
    let layout = LegendLayout(columns: entries.map(\.name.count).max() ?? 0, rows: entries.count, scale: scale)
    return try makeImage {
      try RGBImage(width: layout.width, height: layout.height) { target in
        for pixel in 0..<layout.width * layout.height { target.setPixel(pixel, LegendLayout.paper) }
        for (row, entry) in entries.enumerated() {
          layout.drawSwatch(entry.color, row: row, on: target)
          for (column, character) in entry.name.enumerated() {
            layout.draw(character, column: column, row: row, on: target)
          }
        }
      }
    }
  }
}

/// Positions in a legend, in dots of the font unless said otherwise.
private struct LegendLayout {
  static let longestName = 40
  static let paper = RGBColor(0x20_20_20)
  static let ink = RGBColor(0xe6_e6_e6)

  private static let margin = 4
  private static let swatch = (width: 18, height: 11)
  private static let rowHeight = 15
  private static let textStart = margin + swatch.width + 5
  private static let advance = LegendFont.width + 1

  let scale: Int
  /// Pixels.
  let width: Int
  let height: Int

  init(columns: Int, rows: Int, scale: Int) {
    self.scale = scale
    width = (Self.textStart + columns * Self.advance + Self.margin) * scale
    height = (rows * Self.rowHeight + Self.margin) * scale
  }

  /// A rectangle of the color, with a rim that shows colors as dark as the paper.
  func drawSwatch(_ color: RGBColor, row: Int, on target: UnsafeMutableBufferPointer<UInt8>) {
    let (columns, rows) = Self.swatch
    for y in 0..<rows {
      for x in 0..<columns {
        let isRim = x == 0 || y == 0 || x == columns - 1 || y == rows - 1
        drawDot(isRim ? Self.ink : color, x: Self.margin + x, y: top(of: row) + y, on: target)
      }
    }
  }

  func draw(_ character: Character, column: Int, row: Int, on target: UnsafeMutableBufferPointer<UInt8>) {
    for y in 0..<LegendFont.height {
      for x in 0..<LegendFont.width where LegendFont.isInked(character, x: x, y: y) {
        // Capitals stand in the swatch's middle.
        drawDot(Self.ink, x: Self.textStart + column * Self.advance + x, y: top(of: row) + 2 + y, on: target)
      }
    }
  }

  private func top(of row: Int) -> Int { Self.margin + row * Self.rowHeight }

  private func drawDot(_ color: RGBColor, x: Int, y: Int, on target: UnsafeMutableBufferPointer<UInt8>) {
    for line in y * scale..<(y + 1) * scale {
      for pixel in line * width + x * scale..<line * width + (x + 1) * scale { target.setPixel(pixel, color) }
    }
  }
}

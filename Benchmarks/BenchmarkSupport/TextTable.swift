/// Columns of text for a terminal: the first flush left, the others flush right.
package struct TextTable {
  private var rows: [[String]]

  package init(_ header: String...) { rows = [header] }
  package init(header: [String]) { rows = [header] }

  package mutating func add(_ cells: String...) { rows.append(cells) }
  package mutating func add(cells: [String]) { rows.append(cells) }

  package var text: String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + padding : padding + cell
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

import Foundation

/// A table of text for a terminal; the first column is left-aligned, the others are right-aligned.
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

extension Double {
  /// Text with this number of decimals.
  package func text(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }
  /// Percentage: 0.25 as "25".
  package var percent: String { (self * 100).text(0) }
  /// Seconds as "12.3" milliseconds.
  package var milliseconds: String { (self * 1000).text(1) }
}

extension Int {
  /// Bytes as "12.3" megabytes.
  package var megabytes: String { (Double(self) / 1e6).text(1) }
}

/// JSON text, indented and with sorted keys.
package func jsonText(of value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

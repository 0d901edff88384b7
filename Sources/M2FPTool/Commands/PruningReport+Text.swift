import Foundation
import NetworkPruning

extension PruningReport: TransformationReport {
  /// A table with one line per layer, in the network's order, and a summary.
  var table: String {
    let rows =
      [["layer", "channels", "lost", isFitted ? "without fit" : ""]]
      + layers.map { layer in
        let (fitted, unfitted) = (percent(layer.loss), percent(layer.lossWithoutFit))
        return [
          layer.name, "\(layer.channels) to \(layer.kept)", isFitted ? fitted : unfitted, isFitted ? unfitted : "",
        ]
      }
    return (rows.aligned + [summary]).joined(separator: "\n")
  }

  private var summary: String {
    """
    \(percent(multiplyAdds.backbone)) of the backbone's multiply-adds saved, \(percent(multiplyAdds.all)) of all; \
    \(parameters[0]) to \(parameters[1]) parameters, by \(pictures) pictures
    \(percent(agreement)) of people's pixels have the class that \(source) gives them, on \(comparedPictures) other \
    pictures
    """
  }

  private func percent(_ share: Double?) -> String { share.map { String(format: "%.2f %%", $0 * 100) } ?? "-" }
}

extension [[String]] {
  /// Lines of rows with as many columns, each but the last as wide as its widest entry.
  var aligned: [String] {
    guard let columns = first?.count else { return [] }
    let widths = (0..<columns - 1).map { column in map(\.[column].count).max() ?? 0 }
    return map { row in
      let padded = widths.indices.map { row[$0].padding(toLength: widths[$0], withPad: " ", startingAt: 0) + "  " }
      return padded.joined() + row[columns - 1]
    }
  }
}

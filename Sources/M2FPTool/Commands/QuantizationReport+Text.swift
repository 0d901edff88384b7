import Foundation
import HumanParsing
import M2FP

extension QuantizationReport: TransformationReport {
  /// A table with one line per layer, the lowest signal-to-noise ratio first, and a summary.
  var table: String {
    let layers = record.layers.sorted { ($0.signalToNoise ?? .infinity) < ($1.signalToNoise ?? .infinity) }
    let rows =
      [["layer", "signal/noise", "range", ""]]
      + layers.map { layer in
        [
          layer.name, layer.signalToNoise.map { String(format: "%.1f dB", $0) } ?? "-", layer.method?.rawValue ?? "-",
          layer.kept.map { "kept: \($0.rawValue)" } ?? "int8",
        ]
      }
    return (rows.aligned + [summary]).joined(separator: "\n")
  }

  private var summary: String {
    let quantized = record.layers.filter { $0.kept == nil }.count
    let share = agreement.map { String(format: "%.2f %%", $0 * 100) } ?? "-"
    return """
      \(quantized) of \(record.layers.count) layers in int8, calibrated with \(record.pictures) pictures
      \(share) of people's pixels have the class that \(source) gives them, on \(comparedPictures) other pictures
      """
  }
}

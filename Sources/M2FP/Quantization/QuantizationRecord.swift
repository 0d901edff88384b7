import Foundation

/// Record of how an int8 file was made, stored in its header.
package struct QuantizationRecord: Codable, Equatable, Sendable {
  package struct Layer: Codable, Equatable, Sendable {
    package var name: String
    /// Method by which the range of the input was chosen.
    package var method: CalibrationMethod?
    /// Signal-to-noise ratio of the result, in decibels.
    package var signalToNoise: Double?
    /// Why the layer stayed in floating point; `nil` if it is quantized.
    package var kept: LayerOutcome.Reason?

    private enum CodingKeys: String, CodingKey {
      case name, method, kept
      case signalToNoise = "snr_db"
    }
  }

  /// Version of the program.
  package var program: String
  /// Version of the format.
  package var format: Int
  /// Number of calibration images.
  package var pictures: Int
  package var layers: [Layer]

  package init(_ network: QuantizedNetwork, program: String) {
    self.program = program
    format = WeightsFile.quantizedFormatVersion
    pictures = network.pictures
    layers = network.outcomes.map { outcome in
      Layer(
        name: outcome.layer.name, method: outcome.method,
        signalToNoise: outcome.signalToNoise.map { ($0 * 100).rounded() / 100 }.flatMap { $0.isFinite ? $0 : nil },
        kept: outcome.reason)
    }
  }

  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

extension WeightsFile {
  /// How an int8 file was made; `nil` for other files, and if the header has no record that this version can read.
  package var quantization: QuantizationRecord? {
    metadata[MetadataKey.quantization].flatMap {
      try? JSONDecoder().decode(QuantizationRecord.self, from: Data($0.utf8))
    }
  }
}

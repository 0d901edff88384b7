/// The result of quantizing a network: the outcome for each layer.
package struct QuantizedNetwork: Sendable {
  /// Outcomes in the order of the layers.
  package let outcomes: [LayerOutcome]
  /// Number of calibration images.
  package let pictures: Int

  package var layers: [QuantizedLayer] { outcomes.compactMap(\.quantized) }
}

/// Whether one layer was quantized, and why not.
package struct LayerOutcome: Sendable {
  /// Why a layer stays in floating point.
  package enum Reason: String, Sendable, Codable {
    /// The user asked for it.
    case asked = "asked for"
    /// Its result would be too noisy.
    case sensitive
    /// The layer was not called during calibration, or its values were not finite.
    case notSeen = "not seen"
  }

  package let layer: LayerDescription
  /// The quantized layer; `nil` if the layer stays in floating point.
  package let quantized: QuantizedLayer?
  package let reason: Reason?
  /// Method by which the range of the input was chosen; `nil` if none was tried.
  package let method: CalibrationMethod?
  /// Signal-to-noise ratio of the result in decibels; `nil` if quantization was not tried.
  package let signalToNoise: Double?

  init(_ quantized: QuantizedLayer, _ method: CalibrationMethod, signalToNoise: Double) {
    layer = quantized.layer
    self.quantized = quantized
    reason = nil
    self.method = method
    self.signalToNoise = signalToNoise
  }

  init(kept layer: LayerDescription, _ reason: Reason, _ method: CalibrationMethod? = nil, signalToNoise: Double? = nil)
  {
    self.layer = layer
    quantized = nil
    self.reason = reason
    self.method = method
    self.signalToNoise = signalToNoise
  }
}

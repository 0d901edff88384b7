/// What was decided about each layer of a network.
package struct QuantizedNetwork: Sendable {
  /// In the order in which the network comes to them.
  package let outcomes: [LayerOutcome]
  /// That calibration saw.
  package let pictures: Int

  package var layers: [QuantizedLayer] { outcomes.compactMap(\.quantized) }
}

/// What was decided about one layer, and why.
package struct LayerOutcome: Sendable {
  /// Why a layer stays in floats.
  package enum Reason: String, Sendable, Codable {
    /// The user wanted it to.
    case asked = "asked for"
    /// Its result would be too noisy.
    case sensitive
    /// No picture led through it, or it saw numbers that are not finite.
    case notSeen = "not seen"
  }

  package let layer: LayerDescription
  /// Nil where the layer stays in floats.
  package let quantized: QuantizedLayer?
  package let reason: Reason?
  /// How the range of what it reads was chosen; nil where nothing was tried.
  package let method: CalibrationMethod?
  /// Of its result, in decibels; nil where nothing was tried.
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

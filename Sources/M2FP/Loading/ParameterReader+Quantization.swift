import TensorCore
import TensorKernels

extension ParameterReader {
  /// A layer as an int8 file holds it; nil where the layer is one of floats.
  func quantized(_ name: String) throws -> QuantizedWeight? {
    guard let layer = file.quantizedLayers[name] else { return nil }
    let bias = try constant(layer.biasName)
    return QuantizedWeight(
      values: try bytes(layer.weightName), scales: try scales(layer.scaleName), bias: layer.part(ofBias: bias),
      input: try file.quantization(layer.inputName))
  }

  /// How the tensor that a layer reads is quantized; nil where the layer is one of floats.
  func inputQuantization(of name: String) throws -> QuantizationParameters? {
    try file.quantizedLayers[name].map { try file.quantization($0.inputName) }
  }

  /// How a tensor that some layers read is quantized; nil where all of them are layers of floats.
  func quantization(readBy layers: [String]) throws -> QuantizationParameters? {
    try layers.lazy.compactMap { try inputQuantization(of: $0) }.first
  }

  /// How the result of a shortcut is quantized; nil for other layers, and where the layer is one of floats.
  func outputQuantization(of name: String) throws -> QuantizationParameters? {
    guard let layer = file.quantizedLayers[name], layer.quantizesOutput else { return nil }
    return try file.quantization(layer.outputName)
  }

  private func bytes(_ name: String) throws -> Constant<Int8> {
    let record = try file.tensor(name)
    defer { record.discardPages() }
    let values = try record.withBytes { Constant($0.bindMemory(to: Int8.self)) }
    guard values.withElements({ !$0.contains(.min) }) else {
      throw M2FPError(
        .invalidQuantization, "\(file.name): \(name) must hold integers from -127 to 127, found -128")
    }
    return values
  }

  private func scales(_ name: String) throws -> Constant<Float> {
    let scales = try constant(name)
    guard let wrong = scales.withElements({ $0.first { $0 <= 0 } }) else { return scales }
    throw M2FPError(
      .invalidQuantization, "\(file.name): \(name) must hold positive scales, found \(wrong)")
  }
}

extension QuantizableLayer {
  /// The layer's part of a bias that projections share.
  func part(ofBias bias: Constant<Float>) -> Constant<Float> {
    guard case .projection(let index) = kind else { return bias }
    return bias.part((index * outputs)..<((index + 1) * outputs))
  }
}

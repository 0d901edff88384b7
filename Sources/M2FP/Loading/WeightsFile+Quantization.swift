import Checkpoints
import TensorCore

extension WeightsFile {
  /// How a quantized layer's input, or a shortcut's output, is quantized.
  ///
  /// - Parameter name: Of a tensor of two elements: the scale and the zero point.
  /// - Throws: `M2FPError` with code `invalidQuantization` that names the tensor and what it holds.
  func quantization(_ name: String) throws -> QuantizationParameters {
    let values = try tensor(name).floats()
    guard values.count == 2, let scale = values.first, let zeroPoint = values.last else {
      throw M2FPError(.misshapenTensor, "\(self.name): the tensor \(name) must have shape [2]")
    }
    guard scale.isFinite, scale > 0 else {
      throw M2FPError(
        .invalidQuantization, "\(self.name): \(name) must begin with a positive finite scale, found \(scale)")
    }
    guard let byte = UInt8(exactly: zeroPoint) else {
      throw M2FPError(
        .invalidQuantization,
        "\(self.name): \(name) must end with a zero point that is an integer from 0 to 255, found \(zeroPoint)")
    }
    return QuantizationParameters(scale: scale, zeroPoint: byte)
  }

  /// Layers that read the same tensor must quantize it alike, for it is quantized once.
  func checkQuantizations(of layers: [QuantizableLayer]) throws {
    var inputs: [String: (layer: QuantizableLayer, quantization: QuantizationParameters)] = [:]
    for layer in layers {
      let quantization = try quantization(layer.inputName)
      let first = inputs[layer.input] ?? (layer, quantization)
      inputs[layer.input] = first
      guard first.quantization == quantization else {
        throw M2FPError(
          .invalidQuantization,
          "\(name): \(layer.inputName) must be \(first.quantization.text) as \(first.layer.inputName), which is of "
            + "the same tensor, found \(quantization.text)")
      }
      if layer.quantizesOutput { _ = try self.quantization(layer.outputName) }
    }
  }
}

extension QuantizationParameters {
  fileprivate var text: String { "[\(scale), \(zeroPoint)]" }
}

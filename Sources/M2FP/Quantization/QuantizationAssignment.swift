import TensorCore

/// The int8 activations of a network, with their scales and zero points: one pass over the description of the float
/// network, given the layers that a file has quantized.
///
/// An activation is int8 if a quantized layer reads it and the layer that writes it can write int8. All readers
/// quantize it alike, with the parameters that the file holds for their input. The sum with a residual is int8 only if
/// the residual is int8, too; for a shortcut, the file holds the quantization of its output. An activation that stays
/// fp32 is quantized by its quantized readers as they read it.
struct QuantizationAssignment {
  /// Quantization by name of the activation; activations without an entry are fp32.
  private var tensors: [String: QuantizationParameters] = [:]

  subscript(tensor: String) -> QuantizationParameters? { tensors[tensor] }

  /// - Throws: `M2FPError` with code `invalidQuantization` that names the tensor of the file and its value.
  init(_ file: WeightsFile) throws {
    guard !file.quantizedLayers.isEmpty else { return }
    let layers = file.description.layers
    let read = try Self.inputs(of: layers.filter { file.quantizedLayers[$0.name] != nil }, file)
    let shortcuts = layers.filter { $0.quantizesOutput && file.quantizedLayers[$0.name] != nil }
    let added = try Dictionary(
      uniqueKeysWithValues: shortcuts.map { ($0.output.name, try file.quantization($0.outputName)) })

    for tensor in file.description.storedTensors { tensors[tensor.name] = read[tensor.name] }
    for layer in layers where layer.mayWriteInt8 {
      guard let output = read[layer.output.name] else { continue }
      let isQuantized = file.quantizedLayers[layer.name] != nil
      switch (layer.kind, layer.residual) {
      case (.convolution, nil): tensors[layer.output.name] = output
      case (.convolution, let residual?):
        guard isQuantized, let quantization = tensors[residual] ?? added[residual] else { continue }
        tensors[residual] = quantization
        tensors[layer.output.name] = output
      case (.linear, _), (.projection, _):
        if isQuantized { tensors[layer.output.name] = output }
      }
    }
  }

  /// Quantization of the activations that quantized layers read.
  private static func inputs(
    of layers: [LayerDescription], _ file: WeightsFile
  ) throws -> [String: QuantizationParameters] {
    var inputs: [String: (layer: LayerDescription, quantization: QuantizationParameters)] = [:]
    for layer in layers {
      let quantization = try file.quantization(layer.inputName)
      let first = inputs[layer.input.name] ?? (layer, quantization)
      inputs[layer.input.name] = first
      guard first.quantization == quantization else {
        throw M2FPError(
          .invalidQuantization,
          "\(file.name): \(layer.inputName) must be \(first.quantization.text) as \(first.layer.inputName), which is of "
            + "the same tensor, found \(quantization.text)")
      }
    }
    return inputs.mapValues(\.quantization)
  }
}

extension QuantizationParameters {
  fileprivate var text: String { "[\(scale), \(zeroPoint)]" }
}

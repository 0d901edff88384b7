import Checkpoints
package import TensorCore
import TensorKernels

extension WeightsFile {
  func has(_ name: String) -> Bool { file[name: name] != nil }

  func tensor(_ name: String) throws -> CheckpointTensor {
    guard let tensor = file[name: name] else {
      throw M2FPError(.missingTensor, "\(self.name): the tensor \(name) is missing")
    }
    return tensor
  }

  /// The values of a tensor, in fp32.
  ///
  /// - Throws: `M2FPError` with code `notFinite` where a value is NaN or infinite.
  package func constant(_ name: String) throws -> Constant<Float> {
    let tensor = try tensor(name)
    defer { tensor.discardPages() }
    return try Constant(count: tensor.count) { buffer in
      try tensor.copyFloats(into: buffer)
      guard UnsafeBufferPointer(buffer).firstNonFiniteIndex == nil else {
        throw M2FPError(.notFinite, "\(self.name): \(name) must hold finite numbers, found NaN or infinity")
      }
    }
  }

  /// Weight, bias and input quantization of an int8 layer; `nil` if the layer is fp32.
  func quantizedWeight(of layer: LayerDescription) throws -> QuantizedWeight? {
    guard quantizedLayers[layer.name] != nil else { return nil }
    let bias = try constant(layer.biasName)
    return QuantizedWeight(
      values: try int8Values(layer.weightName), scales: try scales(layer.scaleName), bias: layer.part(ofStacked: bias),
      input: try quantization(layer.inputName))
  }

  /// Quantization of the input of an int8 layer, or of the output of a shortcut.
  ///
  /// - Parameter name: Name of a tensor of two elements: the scale and the zero point.
  /// - Throws: `M2FPError` with code `invalidQuantization` that names the tensor and its value.
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

  private func int8Values(_ name: String) throws -> Constant<Int8> {
    let tensor = try tensor(name)
    defer { tensor.discardPages() }
    let values = try tensor.withBytes { Constant($0.bindMemory(to: Int8.self)) }
    guard values.withElements({ !$0.contains(.min) }) else {
      throw M2FPError(
        .invalidQuantization, "\(self.name): \(name) must hold integers from -127 to 127, found -128")
    }
    return values
  }

  private func scales(_ name: String) throws -> Constant<Float> {
    let scales = try constant(name)
    guard let wrong = scales.withElements({ $0.first { $0 <= 0 } }) else { return scales }
    throw M2FPError(
      .invalidQuantization, "\(self.name): \(name) must hold positive scales, found \(wrong)")
  }
}

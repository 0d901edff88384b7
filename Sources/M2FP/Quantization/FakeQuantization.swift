package import TensorCore
package import TensorKernels

/// Makes a network of floats compute with the numbers of an int8 file: what a layer reads is rounded to what its bytes
/// would stand for (Jacob et al., arXiv 1712.05877, section 3).
///
/// A convolution's input is stored in bytes, so that it stays rounded for whoever reads it next; what a linear layer
/// reads is floats again when it is done.
package final class FakeQuantization: LayerProbe {
  private let inputs: [String: Quantization]
  private let outputs: [String: Quantization]
  private var saved: [Float] = []

  /// - Parameter file: An int8 file.
  package init(_ file: WeightsFile) throws {
    inputs = try file.quantizedLayers.mapValues { try file.quantization($0.inputName) }
    outputs = try file.quantizedLayers.filter(\.value.quantizesOutput).mapValues {
      try file.quantization($0.outputName)
    }
  }

  package func layer(_ name: String, willRead input: LayerInput) {
    guard let quantization = inputs[name] else { return }
    if !input.isMap { saved = input.values.map { $0 } }
    input.values.replaceEach(by: quantization.rounded)
  }

  package func layer(_ name: String, didRead input: LayerInput, writing output: Matrix) {
    guard inputs[name] != nil else { return }
    if !input.isMap { input.values.replace(by: saved) }
    if let quantization = outputs[name] { output.replaceEach(by: quantization.rounded) }
  }
}

extension Matrix {
  fileprivate func map(_ transform: (Float) -> Float) -> [Float] {
    (0..<rows).flatMap { row in (0..<columns).map { transform(self.row(row)[$0]) } }
  }

  fileprivate func replaceEach(by transform: (Float) -> Float) {
    for row in 0..<rows {
      for column in 0..<columns { self.row(row)[column] = transform(self.row(row)[column]) }
    }
  }

  fileprivate func replace(by values: [Float]) {
    for row in 0..<rows {
      for column in 0..<columns { self.row(row)[column] = values[row * columns + column] }
    }
  }
}

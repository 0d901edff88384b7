import Checkpoints
import Foundation
import M2FP
import TensorCore
import TensorKernels
import TestSupport

/// A golden's network with weights rounded to int8 and arbitrary input quantizations: for tests of reading, not of
/// accuracy.
struct QuantizedFixture {
  let floats: URL
  let int8: URL
  let layers: [QuantizedLayer]

  init(_ golden: Golden, in folder: URL, where isWanted: (LayerDescription) -> Bool = { _ in true }) throws {
    floats = folder.appending(path: "floats.safetensors")
    int8 = folder.appending(path: "int8.safetensors")
    try CheckpointConverter.convert(checkpoint: golden.checkpoint, to: floats)
    let source = try WeightsFile(floats)
    let file = try SafetensorsFile(path: floats.path)
    layers = try source.description.quantizableLayers.filter(isWanted).map { layer in
      try Self.round(layer, of: file)
    }
    try QuantizedFileWriter(source, layers: layers).write(record: "{}", to: int8.path)
  }

  private static func round(_ layer: LayerDescription, of file: SafetensorsFile) throws -> QuantizedLayer {
    var weight = try file[name: layer.weightName]?.floats() ?? []
    var bias = try file[name: layer.biasName]?.floats() ?? Array(repeating: 0, count: layer.outputs)
    if case .projection(let index) = layer.kind {
      let stacked = try file[name: layer.stackedWeightName]?.floats() ?? []
      weight = Array(stacked[index * stacked.count / 3..<(index + 1) * stacked.count / 3])
      bias = Array(bias[index * bias.count / 3..<(index + 1) * bias.count / 3])
    }
    return QuantizedLayer(
      layer, weight: SymmetricWeight(weight, outputs: layer.outputs), bias: bias,
      input: QuantizationParameters(scale: 0.05, zeroPoint: 100),
      output: layer.quantizesOutput ? QuantizationParameters(scale: 0.1, zeroPoint: 128) : nil)
  }
}

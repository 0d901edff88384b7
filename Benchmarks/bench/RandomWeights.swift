import BenchmarkSupport
import Checkpoints
import Foundation
import M2FP
import TensorCore

/// The published architecture for several humans with random weights, scaled so that activations neither vanish nor
/// overflow.
enum RandomWeights {
  /// - Parameter isQuantized: Whether to quantize all layers that may be quantized.
  static func write(to file: URL, isQuantized: Bool) throws {
    try isQuantized ? writeIntegers(to: file) : writeFloats(to: file)
  }

  private static func writeIntegers(to file: URL) throws {
    try withTemporaryFolder { folder in
      let floats = folder.appending(path: "floats.safetensors")
      try writeFloats(to: floats)
      try SyntheticQuantization.quantize(
        floats, size: calibrationSize, threads: ProcessInfo.processInfo.activeProcessorCount, to: file)
    }
  }

  /// Size of the calibration image: small, since the time of the network does not depend on the ranges.
  private static let calibrationSize = InputSize(height: 320, width: 576)

  private static func writeFloats(to file: URL) throws {
    let json = Data(configuration.utf8)
    var generator = SplitMix64(seed: 7)
    let network = NetworkDescription(try Configuration(json: json, name: "the bench's configuration"))
    let entries = network.parameters.map { parameter in
      let fan = parameter.shape.dropFirst().reduce(1, *)
      let scale = parameter.shape.count > 1 ? (6 / Float(fan)).squareRoot() : 0.1
      let floats = (0..<parameter.count).map { _ in Float(Int32(truncatingIfNeeded: generator.next())) * 0x1p-31 * scale
      }
      return SafetensorsWriter.Entry(name: parameter.name, shape: parameter.shape, floats: floats)
    }
    let metadata = WeightsFile.metadata(configuration: json, precision: "fp32", source: "random numbers")
    try SafetensorsWriter.write(entries, metadata: metadata, to: file.path)
  }

  private static let configuration = """
    {"model": {
      "backbone": {
        "out_features": ["res2", "res3", "res4", "res5"], "depth": 101, "num_groups": 1, "width_per_group": 64,
        "norm": "BN", "stem_out_channels": 128, "res2_out_channels": 256, "stride_in_1x1": false, "res4_dilation": 1,
        "res5_dilation": 1, "res5_multi_grid": [1, 1, 1]
      },
      "encoder": {
        "in_features": ["res2", "res3", "res4", "res5"], "transformer_nheads": 8, "transformer_dim_feedforward": 1024,
        "transformer_enc_layers": 6, "conv_dim": 256, "mask_dim": 256,
        "transformer_in_features": ["res3", "res4", "res5"], "common_stride": 4
      },
      "decoder": {
        "num_classes": 21, "hidden_dim": 256, "num_queries": 100, "nheads": 8, "dim_feedforward": 2048,
        "dec_layers": 9, "pre_norm": false, "mask_dim": 256, "enforce_input_project": false
      },
      "classes": [
        "Background", "Hat", "Hair", "Glove", "Sunglasses", "UpperClothes", "Dress", "Coat", "Socks", "Pants",
        "Torso-skin", "Scarf", "Skirt", "Face", "Left-arm", "Right-arm", "Left-leg", "Right-leg", "Left-shoe",
        "Right-shoe", "Human"
      ],
      "single_human": false, "parsing_on": true
    }}
    """
}

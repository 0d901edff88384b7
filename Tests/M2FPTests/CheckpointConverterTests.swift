import Checkpoints
import Foundation
import M2FP
import TestSupport
import Testing

/// A checkpoint that does not fit its configuration is rejected by tensor name and shape.
@Suite(.timeLimit(.minutes(10))) struct CheckpointConverterTests {
  static let mismatches: [(field: String, value: Int, code: M2FPError.Code, says: [String])] = [
    ("dec_layers", 5, .missingTensor, ["transformer_self_attention_layers.4.self_attn.in_proj_weight", "[144, 48]"]),
    ("dec_layers", 3, .unusedTensor, ["transformer_cross_attention_layers.3"]),
    ("num_queries", 8, .misshapenTensor, ["query_feat.weight", "[8, 48]", "[7, 48]"]),
    ("dim_feedforward", 64, .misshapenTensor, ["linear1.weight", "[64, 48]", "[48, 48]"]),
  ]

  @Test(arguments: mismatches.indices)
  func aForeignConfigurationIsRefused(index: Int) throws {
    let (field, value, code, says) = Self.mismatches[index]
    try TemporaryFolder.with { folder in
      let configuration = folder.appending(path: "configuration.json")
      try Self.configuration(with: field, value).write(to: configuration)
      let output = folder.appending(path: "out.safetensors")
      let error = try #require(throws: M2FPError.self) {
        try CheckpointConverter.convert(
          checkpoint: Golden.variants[0].checkpoint, configuration: configuration, to: output)
      }
      #expect(error.code == code)
      for words in ["pytorch_model.pt"] + says { #expect(error.message.contains(words), "\(error)") }
      #expect(!FileManager.default.fileExists(atPath: output.path))
    }
  }

  @Test func aMissingConfigurationIsNamed() throws {
    try TemporaryFolder.with { folder in
      let error = try #require(throws: (any Error).self) {
        try CheckpointConverter.convert(
          checkpoint: Golden.variants[0].checkpoint, configuration: folder.appending(path: "none.json"),
          to: folder.appending(path: "out"))
      }
      #expect("\(error)".contains("none.json"))
    }
  }

  /// The forms in which people have checkpoints: safetensors, and with prefixes of wrappers, give the same weights.
  @Test(arguments: ["", "module.", "model._orig_mod."])
  func safetensorsAndPrefixesGiveTheSameWeights(prefix: String) throws {
    let golden = Golden.variants[0]
    try TemporaryFolder.with { folder in
      let plain = folder.appending(path: "plain.safetensors")
      try CheckpointConverter.convert(checkpoint: golden.checkpoint, to: plain)
      let source = folder.appending(path: "training.safetensors")
      let tensors = try PyTorchCheckpoint(path: golden.checkpoint.path).tensors
      let count = SafetensorsWriter.Entry(name: "n_averaged", shape: [], floats: [1])
      try SafetensorsWriter.write(
        tensors.map { SafetensorsWriter.Entry(copying: $0, name: prefix + $0.name) } + [count], to: source.path)
      let output = folder.appending(path: "out.safetensors")
      try CheckpointConverter.convert(checkpoint: source, configuration: golden.configuration, to: output)
      let (expected, found) = try (SafetensorsFile(path: plain.path), SafetensorsFile(path: output.path))
      #expect(found.tensors.map(\.name) == expected.tensors.map(\.name))
      for tensor in expected.tensors {
        #expect(try found[name: tensor.name]?.floats() == tensor.floats(), "\(tensor.name)")
      }
      let error = try #require(throws: M2FPError.self) {
        try CheckpointConverter.convert(
          checkpoint: output, configuration: golden.configuration, to: folder.appending(path: "again"))
      }
      #expect(error.message.contains("found a weights file that m2fp wrote"))
    }
  }

  private static func configuration(with field: String, _ value: Int) throws -> Data {
    let golden = try Data(contentsOf: Golden.variants[0].configuration)
    var root = try JSONSerialization.jsonObject(with: golden) as? [String: Any] ?? [:]
    var model = root["model"] as? [String: Any] ?? [:]
    var decoder = model["decoder"] as? [String: Any] ?? [:]
    decoder[field] = value
    model["decoder"] = decoder
    root["model"] = model
    return try JSONSerialization.data(withJSONObject: root)
  }
}

import Checkpoints
import Foundation
import M2FP
import TensorKernels
import TestSupport
import Testing

/// int8 files: written, read, and rejected if they are invalid.
@Suite(.timeLimit(.minutes(10))) struct QuantizedFileTests {
  static let goldens = Golden.pipelines + Golden.variants

  @Test(arguments: goldens)
  func everyQuantizableLayerIsThere(golden: Golden) throws {
    let network = NetworkDescription(
      try Configuration(json: Data(contentsOf: golden.configuration), name: golden.name))
    let parameters = Dictionary(
      uniqueKeysWithValues: network.parameters(quantized: []).map { ($0.name, $0) })
    let layers = network.quantizableLayers
    #expect(Set(layers.map(\.name)).count == layers.count)
    for layer in layers {
      #expect(parameters[layer.weightName]?.shape == layer.shape, "\(layer.name)")
      #expect((parameters[layer.biasName] != nil) == layer.hasBias, "\(layer.biasName)")
    }
    let backbone = parameters.keys.filter { $0.hasPrefix("backbone.") && $0.hasSuffix(".weight") }
    #expect(layers.filter { $0.name.hasPrefix("backbone.") }.count == backbone.count - 1)
  }

  @Test(arguments: goldens)
  func aFileIsReadAsItWasWritten(golden: Golden) throws {
    try TemporaryFolder.with { folder in
      let file = try QuantizedFixture(golden, in: folder)
      let weights = try WeightsFile(file.int8)
      #expect(weights.precision == "int8")
      #expect(weights.quantizedLayers.count == file.layers.count)
      #expect(weights.parameterCount == (try WeightsFile(file.floats)).parameterCount)
      _ = try M2FPNetwork(weights)
      let tensors = try SafetensorsFile(path: file.int8.path)
      #expect(tensors.metadata["m2fp.format_version"] == "2")
      for layer in file.layers {
        let weight = try #require(tensors[name: layer.layer.weightName])
        #expect(weight.elementType == .int8 && weight.shape == layer.layer.shape)
        #expect(try weight.withBytes { $0.map { Int8(bitPattern: $0) } } == layer.weight.values)
        #expect(try tensors[name: layer.layer.scaleName]?.floats() == layer.weight.scales)
      }
    }
  }

  @Test func someLayersOnly() throws {
    try TemporaryFolder.with { folder in
      let file = try QuantizedFixture(Golden.variants[0], in: folder) { $0.name.hasSuffix("v_proj") }
      let weights = try WeightsFile(file.int8)
      #expect(weights.quantizedLayers.keys.allSatisfy { $0.hasSuffix("v_proj") })
      #expect(!weights.quantizedLayers.isEmpty)
      _ = try M2FPNetwork(weights)
    }
  }

  struct Refusal {
    let name: String
    let code: M2FPError.Code
    let says: [String]
    /// The changed tensor; `nil` to remove it.
    let change: (CheckpointTensor) -> SafetensorsWriter.Entry?
    var extra: [SafetensorsWriter.Entry] = []
  }

  private static let block = "backbone.res2.0"
  private static let scale = "\(block).conv2.weight_scale"

  private static func replace(
    _ name: String, by entry: @escaping (CheckpointTensor) -> SafetensorsWriter.Entry?
  ) -> (CheckpointTensor) -> SafetensorsWriter.Entry? {
    { $0.name == name ? entry($0) : .init(copying: $0) }
  }

  private static func floats(_ values: [Float]) -> (CheckpointTensor) -> SafetensorsWriter.Entry? {
    { .init(name: $0.name, shape: [values.count], floats: values) }
  }

  static var refusals: [Refusal] {
    [
      Refusal(
        name: "no scales", code: .missingTensor, says: [scale], change: replace(scale) { _ in nil }),
      Refusal(
        name: "no input", code: .missingTensor, says: ["conv2.input", "[2]"],
        change: replace("\(block).conv2.input") { _ in nil }),
      Refusal(
        name: "scales of an fp32 layer", code: .unusedTensor, says: ["class_embed.weight_scale"],
        change: { .init(copying: $0) },
        extra: [.init(name: "sem_seg_head.predictor.class_embed.weight_scale", shape: [1], floats: [1])]),
      Refusal(
        name: "too many scales", code: .misshapenTensor, says: [scale], change: replace(scale, by: floats([1, 1]))),
      Refusal(
        name: "scales in half precision", code: .wrongElementType, says: [scale, "F32", "F16"],
        change: replace(scale) {
          .init(name: $0.name, shape: $0.shape, floats: Array(repeating: 1, count: $0.count), as: .float16)
        }),
      Refusal(
        name: "unsigned weights", code: .wrongElementType, says: ["conv2.weight", "F32", "U8"],
        change: replace("\(block).conv2.weight") { .init(name: $0.name, elementType: .uint8, shape: $0.shape) { _ in } }
      ),
      Refusal(
        name: "a weight of -128", code: .invalidQuantization, says: ["conv2.weight", "-128"],
        change: replace("\(block).conv2.weight") {
          .init(name: $0.name, elementType: .int8, shape: $0.shape) { $0[1] = 0x80 }
        }),
      Refusal(
        name: "a negative scale", code: .invalidQuantization, says: [scale, "positive"],
        change: replace(scale) { .init(name: $0.name, shape: $0.shape, floats: Array(repeating: -1, count: $0.count)) }),
      Refusal(
        name: "a scale of NaN", code: .notFinite, says: [scale, "NaN"],
        change: replace(scale) {
          .init(name: $0.name, shape: $0.shape, floats: Array(repeating: .nan, count: $0.count))
        }),
      Refusal(
        name: "an input's scale of zero", code: .invalidQuantization, says: ["conv2.input", "positive"],
        change: replace("\(block).conv2.input", by: floats([0, 3]))),
      Refusal(
        name: "an infinite scale", code: .invalidQuantization, says: ["conv2.input", "inf"],
        change: replace("\(block).conv2.input", by: floats([.infinity, 3]))),
      Refusal(
        name: "a broken zero point", code: .invalidQuantization, says: ["conv2.input", "integer from 0 to 255", "3.5"],
        change: replace("\(block).conv2.input", by: floats([1, 3.5]))),
      Refusal(
        name: "a large zero point", code: .invalidQuantization, says: ["conv2.input", "256"],
        change: replace("\(block).conv2.input", by: floats([1, 256]))),
      Refusal(
        name: "a zero point of NaN", code: .invalidQuantization, says: ["shortcut.output", "nan"],
        change: replace("backbone.res3.0.shortcut.output", by: floats([1, .nan]))),
      Refusal(
        name: "readers that disagree", code: .invalidQuantization,
        says: ["res3.0.shortcut.input", "res3.0.conv1.input"],
        change: replace("backbone.res3.0.conv1.input", by: floats([7, 9]))),
    ]
  }

  @Test func whatMakesNoSenseIsRefused() throws {
    try TemporaryFolder.with { folder in
      let good = try QuantizedFixture(Golden.variants[0], in: folder)
      let file = try SafetensorsFile(path: good.int8.path)
      let bad = folder.appending(path: "bad.safetensors")
      for test in Self.refusals {
        try SafetensorsWriter.write(
          file.tensors.compactMap(test.change) + test.extra, metadata: file.metadata, to: bad.path)
        let error = try #require(throws: M2FPError.self) { try M2FPNetwork(WeightsFile(bad)) }
        #expect(error.code == test.code, "\(test.name): \(error)")
        for words in ["bad.safetensors"] + test.says {
          #expect(error.message.contains(words), "\(test.name): \(error)")
        }
      }
    }
  }

  /// Quantized weights in a file that does not say that it is int8.
  @Test func bytesAreNoFloats() throws {
    try TemporaryFolder.with { folder in
      let good = try QuantizedFixture(Golden.variants[0], in: folder) { $0.name == "backbone.res2.0.conv1" }
      let file = try SafetensorsFile(path: good.int8.path)
      let bad = folder.appending(path: "bad.safetensors")
      try SafetensorsWriter.write(
        file.tensors.map { .init(copying: $0) }, metadata: file.metadata.merging(["m2fp.precision": "fp16"]) { $1 },
        to: bad.path)
      #expect(throws: M2FPError.self) { try WeightsFile(bad) }
    }
  }

  /// A file with a damaged header or damaged tensors is read or rejected; nothing traps.
  @Test(arguments: 0..<4)
  func damage(seed: UInt64) throws {
    try TemporaryFolder.with { folder in
      let good = try QuantizedFixture(Golden.variants[0], in: folder)
      let original = try [UInt8](Data(contentsOf: good.int8))
      let header =
        8 + Int(original.prefix(8).enumerated().reduce(0) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) })
      let bad = folder.appending(path: "bad.safetensors")
      var mutator = CheckpointMutator(seed: seed)
      for round in 0..<40 {
        // Damages the header and the fp32 tensors behind it, which include scales and zero points, and nothing else.
        let front = round.isMultiple(of: 2) ? header : min(header + 65_536, original.count)
        let bytes = mutator.mutate(Array(original[..<front])) + original[front...]
        try Data(bytes).write(to: bad)
        do { _ = try M2FPNetwork(WeightsFile(bad, memoryMapped: false)) } catch is M2FPError {
        } catch is CheckpointError {}
      }
    }
  }
}

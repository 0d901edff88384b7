import Checkpoints
import Foundation
import M2FP
import TestSupport
import Testing

/// Weights that do not fit the configuration are rejected with an error that names the tensor, what was expected and
/// what was found.
@Suite(.timeLimit(.minutes(10))) struct WeightsFileTests {
  typealias Change = @Sendable ([CheckpointTensor], [String: String]) throws -> Rewritten
  struct Rewritten {
    var entries: [SafetensorsWriter.Entry]
    var metadata: [String: String]
  }

  private static let bias = "sem_seg_head.predictor.class_embed.bias"

  struct Case: Sendable {
    let name: String
    let code: M2FPError.Code
    /// Words that the error message must contain.
    let says: [String]
    let change: Change
  }

  static let cases: [Case] = [
    Case(name: "a tensor is missing", code: .missingTensor, says: [bias, "[22]"]) { tensors, metadata in
      Rewritten(entries: tensors.filter { $0.name != bias }.map { .init(copying: $0) }, metadata: metadata)
    },
    Case(name: "a tensor too many", code: .unusedTensor, says: ["stowaway"]) { tensors, metadata in
      let extra = SafetensorsWriter.Entry(name: "stowaway", shape: [1], floats: [0])
      return Rewritten(entries: tensors.map { .init(copying: $0) } + [extra], metadata: metadata)
    },
    Case(name: "a tensor of another shape", code: .misshapenTensor, says: [bias, "[22]", "[2, 11]"]) {
      replaceBias(in: $0, $1, shape: [2, 11], by: Array(repeating: 0, count: 22))
    },
    Case(name: "NaN", code: .notFinite, says: [bias, "NaN"]) {
      replaceBias(in: $0, $1, shape: [22], by: Array(repeating: .nan, count: 22))
    },
    Case(name: "infinity", code: .notFinite, says: [bias, "infinity"]) {
      replaceBias(in: $0, $1, shape: [22], by: Array(repeating: 0, count: 21) + [-.infinity])
    },
    Case(name: "no mark", code: .notAWeightsFile, says: ["m2fp convert"]) { tensors, _ in
      Rewritten(entries: tensors.map { .init(copying: $0) }, metadata: [:])
    },
    Case(name: "a newer version", code: .newerVersion, says: ["version 3", "up to 2"]) { tensors, metadata in
      Rewritten(
        entries: tensors.map { .init(copying: $0) },
        metadata: metadata.merging(["m2fp.format_version": "3"]) { $1 })
    },
    Case(name: "no configuration", code: .notAWeightsFile, says: ["configuration"]) { tensors, metadata in
      Rewritten(
        entries: tensors.map { .init(copying: $0) }, metadata: metadata.filter { $0.key != "m2fp.configuration" })
    },
  ]

  private static func replaceBias(
    in tensors: [CheckpointTensor], _ metadata: [String: String], shape: [Int], by values: [Float]
  ) -> Rewritten {
    let entries = tensors.map { tensor in
      tensor.name == bias
        ? SafetensorsWriter.Entry(name: bias, shape: shape, floats: values) : SafetensorsWriter.Entry(copying: tensor)
    }
    return Rewritten(entries: entries, metadata: metadata)
  }

  @Test(arguments: cases.indices)
  func aFileThatDoesNotFitIsRefused(index: Int) throws {
    let test = Self.cases[index]
    try TemporaryFolder.with { folder in
      let (good, bad) = (folder.appending(path: "good.safetensors"), folder.appending(path: "bad.safetensors"))
      try CheckpointConverter.convert(checkpoint: Golden.variants[0].checkpoint, to: good)
      let file = try SafetensorsFile(path: good.path)
      let changed = try test.change(file.tensors, file.metadata)
      try SafetensorsWriter.write(changed.entries, metadata: changed.metadata, to: bad.path)
      let error = try #require(throws: M2FPError.self) { try M2FPNetwork(WeightsFile(bad)) }
      #expect(error.code == test.code, "\(test.name): \(error)")
      for words in ["bad.safetensors"] + test.says {
        #expect(error.message.contains(words), "\(test.name): \(error)")
      }
    }
  }

  @Test func halfPrecisionHalvesTheWeightsAndStaysClose() throws {
    try TemporaryFolder.with { folder in
      let (full, half) = (folder.appending(path: "full.safetensors"), folder.appending(path: "half.safetensors"))
      try CheckpointConverter.convert(checkpoint: Golden.variants[0].checkpoint, to: full)
      try CheckpointConverter.convert(checkpoint: Golden.variants[0].checkpoint, to: half, precision: .fp16)
      let (fullFile, halfFile) = try (SafetensorsFile(path: full.path), SafetensorsFile(path: half.path))
      for tensor in fullFile.tensors {
        let stored = try #require(halfFile[name: tensor.name])
        #expect(stored.elementType == (tensor.shape.count > 1 ? .float16 : .float32), "\(tensor.name)")
        for (exact, rounded) in zip(try tensor.floats(), try stored.floats()) {
          #expect(abs(exact - rounded) <= max(abs(exact) * 0x1p-11, 0x1p-25))
        }
      }
      #expect(try WeightsFile(half).precision == "fp16")
    }
  }

  @Test func conversionIsDeterministic() throws {
    try TemporaryFolder.with { folder in
      let files = ["a", "b"].map { folder.appending(path: $0) }
      for file in files {
        try CheckpointConverter.convert(checkpoint: Golden.variants[0].checkpoint, to: file, precision: .fp16)
      }
      #expect(try Data(contentsOf: files[0]) == Data(contentsOf: files[1]))
    }
  }
}

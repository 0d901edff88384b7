import Foundation
import M2FP
import TensorCore
import Testing

/// One golden: the network's raw output, how the photo lay in its input, and what ModelScope made of it.
struct GoldenInferenceCase: CustomTestStringConvertible, Sendable {
  let name: String
  let geometry: InputGeometry
  let singleHuman: Bool

  var testDescription: String { name }

  static let multipleHumans = [
    GoldenInferenceCase(
      name: "multi-r50-narrow",
      geometry: InputGeometry(
        paddedHeight: 256, paddedWidth: 96, rows: 0..<250, columns: 0..<78, sourceHeight: 311, sourceWidth: 97),
      singleHuman: false),
    GoldenInferenceCase(
      name: "multi-r101-narrow",
      geometry: InputGeometry(
        paddedHeight: 160, paddedWidth: 224, rows: 0..<160, columns: 0..<216, sourceHeight: 170, sourceWidth: 230),
      singleHuman: false),
  ]

  static let singleHuman = GoldenInferenceCase(
    name: "single-r50-narrow",
    geometry: InputGeometry(
      paddedHeight: 512, paddedWidth: 384, rows: 46..<466, columns: 42..<342, sourceHeight: 420, sourceWidth: 300),
    singleHuman: true)

  var options: InferenceOptions {
    InferenceOptions(
      parsingScoreThreshold: 0.2, parsingOn: !singleHuman, semanticOn: true, singleHuman: singleHuman,
      postprocessBeforeInference: !singleHuman, classes: [], numParsing: 20)
  }

  func segments() throws -> Segments {
    let stages = try GoldenArchive(name, "stages.safetensors")
    let logits = try stages.floats("pred_logits")
    let masks = try stages.floats("pred_masks")
    return Segments(
      queries: logits.shape[1], classes: logits.shape[2] - 1, classLogits: logits.values,
      maskLogits: Constant(masks.values), maskHeight: masks.shape[2], maskWidth: masks.shape[3])
  }

  /// Axes (height, width).
  func labels() throws -> [UInt8] {
    try GoldenArchive(name, "result.safetensors").bytes("semantic_argmax").bytes
  }

  /// Hard masks of parts, then people; axes (instance, height · width).
  func masks() throws -> [[UInt8]] {
    let (shape, bytes) = try GoldenArchive(name, "result.safetensors").bytes("masks")
    let size = shape[1] * shape[2]
    return (0..<shape[0]).map { Array(bytes.dropFirst($0 * size).prefix(size)) }
  }

  struct Instance: Decodable {
    let category: Int
    let score: Float
  }

  /// Parts, then people.
  func instances() throws -> [Instance] {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(components: "Goldens", name, "result.json")
    return try JSONDecoder().decode([Instance].self, from: Data(contentsOf: url))
  }
}

/// The share of places at which two arrays of the same length are equal; 0 where the lengths differ.
func agreement(_ first: [UInt8], _ second: [UInt8]) -> Double {
  guard first.count == second.count, !first.isEmpty else { return 0 }
  return Double(zip(first, second).count { $0 == $1 }) / Double(first.count)
}

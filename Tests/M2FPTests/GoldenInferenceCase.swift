import Checkpoints
import Foundation
import M2FP
import TensorCore
import TestSupport
import Testing

/// One golden: the network's raw output, the geometry of its input, and ModelScope's results.
struct GoldenInferenceCase: CustomTestStringConvertible, Sendable {
  let golden: Golden
  let geometry: InputGeometry
  let singleHuman: Bool

  var testDescription: String { golden.name }

  static let multipleHumans = [
    GoldenInferenceCase(
      golden: Golden(name: "multi-r50-narrow"),
      geometry: InputGeometry(
        paddedHeight: 256, paddedWidth: 96, rows: 0..<250, columns: 0..<78, sourceHeight: 311, sourceWidth: 97),
      singleHuman: false),
    GoldenInferenceCase(
      golden: Golden(name: "multi-r101-narrow"),
      geometry: InputGeometry(
        paddedHeight: 160, paddedWidth: 224, rows: 0..<160, columns: 0..<216, sourceHeight: 170, sourceWidth: 230),
      singleHuman: false),
  ]

  /// The single-human golden, with its result resized to the given size.
  static func singleHuman(height: Int = 420, width: Int = 300) -> GoldenInferenceCase {
    GoldenInferenceCase(
      golden: Golden(name: "single-r50-narrow"),
      geometry: InputGeometry(
        paddedHeight: 512, paddedWidth: 384, rows: 46..<466, columns: 42..<342, sourceHeight: height,
        sourceWidth: width),
      singleHuman: true)
  }

  var options: InferenceOptions {
    InferenceOptions(
      parsingScoreThreshold: 0.2, personScoreThreshold: 0.2, parsingOn: !singleHuman, semanticOn: true,
      singleHuman: singleHuman,
      postprocessBeforeInference: !singleHuman, classes: [], numParsing: 20)
  }

  func output() throws -> M2FPOutput {
    let stages = try golden.stages()
    let logits = try #require(stages[name: "pred_logits"])
    let masks = try #require(stages[name: "pred_masks"])
    return M2FPOutput(
      queries: logits.shape[1], classes: logits.shape[2] - 1, predLogits: try logits.floats(),
      predMasks: Constant(try masks.floats()), maskHeight: masks.shape[2], maskWidth: masks.shape[3])
  }

  /// Axes (height, width).
  func labels() throws -> [UInt8] {
    try #require(try golden.result()[name: "semantic_argmax"]).withBytes { Array($0) }
  }

  /// Binary masks of parts, then people; axes (instance, height · width).
  func masks() throws -> [[UInt8]] {
    let tensor = try #require(try golden.result()[name: "masks"])
    let size = tensor.shape[1] * tensor.shape[2]
    return try tensor.withBytes { bytes in
      (0..<tensor.shape[0]).map { Array(bytes[$0 * size..<($0 + 1) * size]) }
    }
  }

  struct Instance: Decodable {
    let category: Int
    let score: Float
  }

  /// Parts, then people.
  func instances() throws -> [Instance] {
    try JSONDecoder().decode(
      [Instance].self, from: Data(contentsOf: golden.folder.appending(path: "result.json")))
  }
}

/// The fraction of equal elements of two arrays; 0 if their lengths differ.
func agreement(_ first: [UInt8], _ second: [UInt8]) -> Double {
  guard first.count == second.count, !first.isEmpty else { return 0 }
  return Double(zip(first, second).count { $0 == $1 }) / Double(first.count)
}

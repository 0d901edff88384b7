import Checkpoints
package import TensorCore

/// Compares the stages of a forward pass with a golden's, in the order in which they happen.
///
/// Stages are (H, W, C) here and NCHW there. Logits of queries are (Q, N) in both.
package final class StageComparison {
  private let golden: SafetensorsFile
  private let name: String
  /// The names of the stages that have been compared.
  package private(set) var compared: [String] = []
  /// What to report: the first stage beyond its bound, with its worst error and the error's place.
  package private(set) var firstFailure: String?
  /// The largest error of every stage, relative to the stage's largest absolute value.
  package private(set) var errors: [(stage: String, relative: Float)] = []

  /// The largest relative error of every stage, a line each.
  package var table: String {
    errors.map { "\($0.stage): \($0.relative)" }.joined(separator: "\n")
  }

  package init(_ golden: Golden) throws {
    self.golden = try golden.stages()
    name = golden.name
  }

  /// The bounds of the architecture's contract: features within 5e-4, logits within 2e-3.
  private static func bound(of stage: String) -> Float { stage.contains("pred_") ? 2e-3 : 5e-4 }

  package func observe(_ stage: String, _ value: FeatureMap<Float>) throws {
    if let tensor = golden[name: stage] {
      try compare(stage, value, tensor, everyRow: 1)
    } else if let tensor = golden[name: "\(stage).rows"] {
      try compare(stage, value, tensor, everyRow: 8)
    }
  }

  private func compare(_ stage: String, _ value: FeatureMap<Float>, _ tensor: CheckpointTensor, everyRow: Int) throws {
    compared.append(stage)
    let expected = try tensor.floats()
    let isQueries = stage.hasSuffix("pred_logits") || stage == "pred_masks"
    let rows = (value.height + everyRow - 1) / everyRow
    guard expected.count == rows * value.width * value.channels else {
      return fail("\(stage): expected shape \(tensor.shape), found \((value.height, value.width, value.channels))")
    }
    var worst: (error: Float, place: String) = (0, "")
    let largest = expected.reduce(Float.leastNormalMagnitude) { max($0, abs($1)) }
    for y in 0..<rows {
      for x in 0..<value.width {
        for c in 0..<value.channels {
          let found = value.pixel(y * everyRow, x)[c]
          let index = isQueries ? (y * value.width + x) * value.channels + c : (c * rows + y) * value.width + x
          let error = abs(found - expected[index]) / largest
          if !(error <= worst.error) {
            worst = (error, "(y \(y * everyRow), x \(x), c \(c)): expected \(expected[index]), found \(found)")
          }
        }
      }
    }
    errors.append((stage, worst.error))
    if !(worst.error <= Self.bound(of: stage)) {
      fail("\(stage): relative error \(worst.error) exceeds \(Self.bound(of: stage)) at \(worst.place)")
    }
  }

  private func fail(_ message: String) {
    guard firstFailure == nil else { return }
    firstFailure = "\(name): the first stage that differs is \(message)"
  }
}

import M2FP
import TensorCore
import Testing

/// Semantic inference of the single-human golden's raw network output against ModelScope's results.
@Suite(.timeLimit(.minutes(10))) struct SemanticInferenceTests {
  private let pool = WorkerPool(threads: 2)

  @Test(arguments: [false, true])
  func theSemanticMapAgrees(resizesMasksFirst: Bool) throws {
    let golden = GoldenInferenceCase.singleHuman()
    let semantic = try inference(golden, resizesMasksFirst)
    #expect(try agreement(semantic.labels, golden.labels()) >= 0.9999)
  }

  /// Category, area and score of ModelScope's pipeline for the size.
  struct ScoreCase: Sendable {
    let height: Int
    let width: Int
    let resizesMasksFirst: Bool
    let classes: [(category: Int, area: Int, score: Float)]
  }

  @Test(arguments: [
    ScoreCase(
      height: 420, width: 300, resizesMasksFirst: false, classes: [(9, 125_996, 0.820_558), (19, 4, 0.424_948)]),
    ScoreCase(
      height: 601, width: 433, resizesMasksFirst: false, classes: [(9, 260_230, 0.821_454), (19, 3, 0.407_67)]),
    ScoreCase(
      height: 601, width: 433, resizesMasksFirst: true, classes: [(9, 260_229, 0.820_498), (19, 4, 0.425_921)]),
  ])
  func classesAndScoresAreModelScopes(expected: ScoreCase) throws {
    let golden = GoldenInferenceCase.singleHuman(height: expected.height, width: expected.width)
    let semantic = try inference(golden, expected.resizesMasksFirst)
    #expect(semantic.classes.map(\.category) == expected.classes.map(\.category))
    #expect(semantic.classes.map(\.area) == expected.classes.map(\.area))
    for (found, reference) in zip(semantic.classes, expected.classes) {
      #expect(abs(found.score - reference.score) < 1e-4)
    }
  }

  @Test func eachClassIsBounded() throws {
    let golden = GoldenInferenceCase.singleHuman()
    let semantic = try inference(golden, false)
    let width = golden.geometry.sourceWidth
    for found in semantic.classes {
      let pixels = semantic.labels.indices.filter { semantic.labels[$0] == UInt8(found.category) }
      #expect(found.area == pixels.count)
      #expect(found.rows == hull(pixels.map { $0 / width }))
      #expect(found.columns == hull(pixels.map { $0 % width }))
    }
  }

  private func inference(_ golden: GoldenInferenceCase, _ resizesMasksFirst: Bool) throws -> SemanticInference {
    var options = golden.options
    options.postprocessBeforeInference = resizesMasksFirst
    return try SemanticInference(golden.output(), geometry: golden.geometry, options: options, pool: pool)
  }
}

/// The smallest range that contains all values.
func hull(_ values: [Int]) -> Range<Int>? {
  guard let low = values.min(), let high = values.max() else { return nil }
  return low..<high + 1
}

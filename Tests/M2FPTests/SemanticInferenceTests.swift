import M2FP
import TensorCore
import Testing

/// Semantic inference of the single-human golden's raw network output against what ModelScope made of it.
@Suite struct SemanticInferenceTests {
  private let pool = WorkerPool(threads: 2)

  @Test func theSemanticMapAgrees() throws {
    let golden = GoldenInferenceCase.singleHuman
    let semantic = try SemanticInference(
      golden.segments(), geometry: golden.geometry, options: golden.options, pool: pool)
    #expect(try agreement(semantic.labels, golden.labels()) >= 0.9999)
  }

  @Test func eachClassIsCounted() throws {
    let golden = GoldenInferenceCase.singleHuman
    let semantic = try SemanticInference(
      golden.segments(), geometry: golden.geometry, options: golden.options, pool: pool)
    #expect(semantic.classes.map(\.category) == Set(semantic.labels).sorted().map(Int.init))
    for found in semantic.classes {
      let pixels = semantic.labels.indices.filter { semantic.labels[$0] == UInt8(found.category) }
      #expect(found.area == pixels.count)
      #expect(found.rows.lowerBound == pixels.first.map { $0 / golden.geometry.sourceWidth })
      #expect(found.rows.upperBound == pixels.last.map { $0 / golden.geometry.sourceWidth + 1 })
    }
  }
}

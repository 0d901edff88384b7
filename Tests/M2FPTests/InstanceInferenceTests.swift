import M2FP
import TensorCore
import TensorKernels
import Testing

/// Instance parsing of the goldens' raw network output against ModelScope's results.
@Suite(.timeLimit(.minutes(10))) struct InstanceInferenceTests {
  private let pool = WorkerPool(threads: 2)

  @Test(arguments: GoldenInferenceCase.multipleHumans)
  func instancesComeInModelScopesOrder(golden: GoldenInferenceCase) throws {
    let parsing = try InstanceParsing(
      golden.output(), geometry: golden.geometry, options: golden.options, pool: pool)
    let found = parsing.parts + parsing.people
    let expected = try golden.instances()
    #expect(found.map(\.category) == expected.map(\.category))
    for (instance, reference) in zip(found, expected) {
      #expect(abs(instance.score - reference.score) < 1e-4, "category \(instance.category)")
    }
  }

  @Test(arguments: GoldenInferenceCase.multipleHumans)
  func semanticMapsAgree(golden: GoldenInferenceCase) throws {
    let parsing = try InstanceParsing(
      golden.output(), geometry: golden.geometry, options: golden.options, pool: pool)
    #expect(try agreement(parsing.labels, golden.labels()) >= 0.9999)
  }

  @Test(arguments: GoldenInferenceCase.multipleHumans)
  func hardMasksAgree(golden: GoldenInferenceCase) throws {
    let output = try golden.output()
    let parsing = InstanceParsing(output, geometry: golden.geometry, options: golden.options, pool: pool)
    let rows = golden.geometry.rowWeights(maskHeight: output.maskHeight)
    let columns = golden.geometry.columnWeights(maskWidth: output.maskWidth)
    let upsampler = PlaneUpsampler(rows: rows, columns: columns)
    var row = [Float](repeating: 0, count: columns.outputCount)
    for (instance, expected) in try zip(parsing.parts + parsing.people, golden.masks()) {
      upsampler.begin(output.mask(instance.query), support: PlaneSupport(everywhereOn: rows, columns))
      var mask: [UInt8] = []
      for y in 0..<rows.outputCount {
        _ = row.withUnsafeMutableBufferPointer { upsampler.row(y, into: $0.baseAddress.unsafelyUnwrapped) }
        mask += row.map { $0 > 0 ? 1 : 0 }
      }
      #expect(agreement(mask, expected) >= 0.9999, "query \(instance.query)")
      #expect(instance.statistics.area == mask.count { $0 == 1 }, "query \(instance.query)")
      #expect(instance.statistics.bounds == bounds(of: mask, width: row.count), "query \(instance.query)")
    }
  }

  /// Two queries, two classes and "no object"; mask grid 1 × 1, so that a mask is full or empty.
  struct PlainCase: Sendable {
    let predLogits: [Float]
    let predMasks: [Float]
    let labels: [UInt8]
    let parts: Int
    let people: Int
  }

  @Test(arguments: [
    PlainCase(predLogits: [0, 0, 9, 0, 0, 9], predMasks: [9, 9], labels: [0, 0], parts: 0, people: 0),
    PlainCase(predLogits: [0, 9, 0, 0, 0, 9], predMasks: [9, 9], labels: [1, 1], parts: 1, people: 0),
    PlainCase(predLogits: [0, 9, 0, 0, 0, 9], predMasks: [-9, 9], labels: [0, 0], parts: 0, people: 0),
    PlainCase(predLogits: [0, 9, 0, .nan, 0, 0], predMasks: [9, 9], labels: [1, 1], parts: 1, people: 0),
    PlainCase(predLogits: [0, 9, 0, 0, 9, 0], predMasks: [.nan, .infinity], labels: [1, 1], parts: 1, people: 0),
  ])
  func whatIsUnlikelyOrNotANumberIsLeftOut(plain: PlainCase) {
    let output = M2FPOutput(
      queries: 2, classes: 2, predLogits: plain.predLogits, predMasks: Constant(plain.predMasks), maskHeight: 1,
      maskWidth: 1)
    let geometry = InputGeometry(
      paddedHeight: 32, paddedWidth: 32, rows: 0..<1, columns: 0..<2, sourceHeight: 1, sourceWidth: 2)
    var options = GoldenInferenceCase.multipleHumans[0].options
    options.numParsing = 2
    let parsing = InstanceParsing(output, geometry: geometry, options: options, pool: pool)
    #expect(parsing.labels == plain.labels)
    #expect(parsing.parts.count == plain.parts)
    #expect(parsing.people.count == plain.people)
  }

  @Test func aResultDoesNotDependOnThreads() throws {
    let golden = GoldenInferenceCase.multipleHumans[1]
    let output = try golden.output()
    let one = InstanceParsing(
      output, geometry: golden.geometry, options: golden.options, pool: WorkerPool(threads: 1))
    let many = InstanceParsing(
      output, geometry: golden.geometry, options: golden.options, pool: WorkerPool(threads: 3))
    #expect(one.labels == many.labels)
    #expect(one.parts.map(\.score) == many.parts.map(\.score))
  }

  private func bounds(of mask: [UInt8], width: Int) -> [Range<Int>?] {
    let inside = mask.indices.filter { mask[$0] == 1 }
    return [hull(inside.map { $0 / width }), hull(inside.map { $0 % width })]
  }
}

extension MaskStatistics {
  fileprivate var bounds: [Range<Int>?] { [rows, columns] }
}

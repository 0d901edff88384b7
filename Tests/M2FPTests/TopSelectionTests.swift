import Foundation
import M2FP
import Testing

/// The order of PyTorch's unsorted `topk` (fixtures/unsorted_topk.json, made by make_fixtures.py beside it).
@Suite(.timeLimit(.minutes(10))) struct TopSelectionTests {
  struct OrderCase: Decodable {
    let values: [Float]
    let count: Int
    let order: [Int]
  }

  @Test func theOrderIsPyTorchs() throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Goldens/fixtures/unsorted_topk.json")
    let cases = try JSONDecoder().decode([OrderCase].self, from: Data(contentsOf: url))
    #expect(!cases.isEmpty)
    for (index, example) in cases.enumerated() {
      #expect(
        topIndices(of: example.values, count: example.count) == example.order,
        "case \(index): \(example.count) of \(example.values.count)")
    }
  }

  @Test(
    arguments: [
      ([], 5, []),
      ([3], 0, []),
      ([3], 5, [0]),
      ([.nan, 1, .infinity], 1, [0]),
      ([-.infinity, -.infinity], 1, [0]),
    ] as [([Float], Int, [Int])])
  func edges(values: [Float], count: Int, order: [Int]) {
    #expect(topIndices(of: values, count: count) == order)
  }
}

import HumanParsing
import TestSupport
import XCTest

/// The starter weights on the sample photographs, against what the reference computes with the same weights.
///
/// `Tests/Goldens/make_samples.py` writes the goldens: a label map a photograph, kept as a picture, and its instances.
final class GoldenMaskTests: XCTestCase {
  private struct Instances: Decodable {
    struct Instance: Decodable {
      let label: String
      let score: Float
      let area: Int
    }
    let human: [Instance]
    let part: [Instance]
  }

  func testAstronaut() throws { try compare("astronaut.png") }
  func testGraceHopper() throws { try compare("grace-hopper.jpg") }
  func testTwoPeople() throws { try compare("two-people.jpg") }

  private func compare(_ photo: String) throws {
    let parser = try HumanParser(options: .init(precision: .fp16, mending: .none))
    let parsing = try parser.parse(contentsOf: Sample.photograph(photo))
    let name = String(photo.prefix { $0 != "." })
    let golden = try LabelMap(contentsOf: Sample.golden("\(name).labels.png"))
    XCTAssertEqual(parsing.width, golden.width)
    XCTAssertEqual(parsing.height, golden.height)
    let equal = zip(parsing.labelMap.indices, golden.indices).count { $0 == $1 }
    XCTAssertGreaterThanOrEqual(
      Double(equal), 0.999 * Double(golden.indices.count), "\(name): \(golden.indices.count - equal) pixels differ")

    let expected = try JSONDecoder().decode(Instances.self, from: Data(contentsOf: Sample.golden("\(name).json")))
    compare(parsing.parts.map { ($0.label, $0.score, $0.area) }, expected.part, name)
    let people = expected.human.sorted { $0.score > $1.score }
    compare(parsing.people.map { (Label.human, $0.score, $0.area) }, people, name)
  }

  private func compare(
    _ found: [(label: Label, score: Float, area: Int)], _ expected: [Instances.Instance], _ name: String
  ) {
    let expected = expected.filter { $0.area > 0 }
    XCTAssertEqual(found.map(\.label), expected.map { Label($0.label) }, name)
    for (found, expected) in zip(found, expected) {
      XCTAssertEqual(found.score, expected.score, accuracy: 1e-3, "\(name): \(expected.label)")
      let tolerance = max(0.001 * Double(expected.area), 2)
      XCTAssertEqual(Double(found.area), Double(expected.area), accuracy: tolerance, "\(name): \(expected.label)")
    }
  }
}

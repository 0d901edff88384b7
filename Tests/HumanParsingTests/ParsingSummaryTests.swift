import Foundation
import HumanParsing
import MaskMerging
import Testing

/// What `photo.json` holds.
@Suite(.timeLimit(.minutes(10))) struct ParsingSummaryTests {
  private func document(_ scene: ParsingScene) throws -> [String: Any] {
    var parsing = try scene.parsing()
    parsing.timings.forward = 12.5
    let text = try parsing.summary(weights: "starter").json()
    return try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
  }

  @Test func theKeysAreThoseOfTheContract() throws {
    let document = try document(.two)
    #expect(document.keys.sorted() == ["generator", "height", "parts", "people", "timings_ms", "weights", "width"])
    #expect(document["weights"] as? String == "starter")
    #expect(document["width"] as? Int == 20 && document["height"] as? Int == 6)
    let timings = try #require(document["timings_ms"] as? [String: Double])
    #expect(timings.keys.sorted() == ["decode", "encode", "forward", "postprocess", "preprocess"])
    #expect(timings["forward"] == 12.5)
  }

  @Test func peopleAreNumberedFromOneAndPartsRefer() throws {
    let document = try document(.two)
    let people = try #require(document["people"] as? [[String: Any]])
    #expect(people.map { $0["number"] as? Int } == [1, 2])
    #expect(people[0]["box"] as? [Int] == [10, 0, 6, 6])
    #expect(people[0]["area"] as? Int == 36)
    #expect(people[0]["parts"] as? [String] == ["Hair", "Face"])
    let parts = try #require(document["parts"] as? [[String: Any]])
    #expect(parts.map { $0["label"] as? String } == ["Left-arm", "Hair", "Face", "Face", "Hair"])
    #expect(parts.map { $0["person"] as? Int } == [nil, 1, 2, 1, 2])
    #expect(parts.allSatisfy { $0.keys.sorted() == ["area", "box", "label", "person", "score"] })
    #expect(parts[0]["person"] is NSNull)
  }

  @Test func nobodyGivesEmptyLists() throws {
    let document = try document(.empty)
    #expect((document["people"] as? [Any])?.isEmpty == true && (document["parts"] as? [Any])?.isEmpty == true)
  }

  @Test func aSummaryIsReadBack() throws {
    let summary = try ParsingScene.two.parsing().summary(weights: "starter")
    #expect(try JSONDecoder().decode(ParsingSummary.self, from: summary.json()) == summary)
  }
}

import MaskMerging
import Testing

@Suite(.timeLimit(.minutes(10))) struct AssignPartsTests {
  @Test(
    arguments: [
      (["####......", "......####"], ["##........", ".......#.."], [0, 1]),
      (["####......", "......####"], ["...#######"], [1]),
      // A part that nobody covers, one that is covered by less than 30 %, an empty one.
      (["####......"], [".....#####", "...####...", ".........."], [nil, nil, nil]),
      (["####......"], ["..####...."], [0]),
      // Of equals and near equals the first; a clearly better one wins.
      (["######....", "######...."], ["######...."], [0]),
      (["#########.", "##########"], ["##########"], [0]),
      (["####......", "########.."], ["########.."], [1]),
      ([], ["####......"], [nil]),
      (["####......"], [], []),
    ] as [([String], [String], [Int?])])
  func aPartBelongsToWhoeverCoversMostOfIt(people: [String], parts: [String], owners: [Int?]) throws {
    #expect(try Mask.assign(parts.map { try drawn([$0]) }, to: people.map { try drawn([$0]) }) == owners)
  }

  @Test func masksOfDifferentSizesAreRefused() throws {
    expectError(.sizeMismatch) { _ = try Mask.assign([drawn("##")], to: [drawn("#")]) }
  }
}

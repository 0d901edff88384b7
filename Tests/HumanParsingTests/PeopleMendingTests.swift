import HumanParsing
import MaskMerging
import Testing

/// People who share a mask, and specks.
@Suite(.timeLimit(.minutes(10))) struct PeopleMendingTests {
  private func scene(_ queries: ParsingScene.Query...) -> ParsingScene { ParsingScene(queries: queries) }

  private func people(_ parsing: Parsing) -> [[String]] { parsing.people.map { cells(of: $0.mask.hard(), scale: 2) } }

  @Test func neighboursInOneMaskArePeopleWithPartsOfTheirOwn() throws {
    let scene = scene(
      .init(category: 4, rows: ["###....##.", "###....##.", "###......."]),
      .init(category: 1, rows: ["###....##.", "..........", ".........."]))
    let raw = try scene.parsing()
    #expect(raw.people.count == 1 && raw.parts.count == 1)
    let parsing = try scene.parsing(mending: .standard)
    #expect(
      people(parsing) == [["###.......", "###.......", "###......."], [".......##.", ".......##.", ".........."]])
    #expect(parsing.people.map(\.score) == [raw.people[0].score, raw.people[0].score])
    #expect(parsing.people.allSatisfy { $0.area == $0.mask.hard().area && $0.box == $0.mask.hard().box })
    #expect(parsing.parts.map(\.person) == [0, 1])
    #expect(parsing.parts.map { cells(of: $0.mask.hard(), scale: 2)[0] } == ["###.......", ".......##."])
    #expect(parsing.mask(of: [.hair]).hard() == raw.mask(of: [.hair]).hard())
    #expect(parsing.labelMap == raw.labelMap)
  }

  @Test func specksGoFromPeopleAndPartsStay() throws {
    let scene = scene(
      .init(category: 4, rows: ["########..", "########..", "########.#"]),
      .init(category: 1, rows: ["########..", "..........", ".........#"]))
    let parsing = try scene.parsing(mending: .standard)
    #expect(people(parsing) == [["########..", "########..", "########.."]])
    #expect(parsing.parts.map(\.area) == (try scene.parsing()).parts.map(\.area))
    #expect(try people(scene.parsing(mending: .init(smallestSpeck: 0.01, smallestPerson: 0.1))).count == 1)
  }

  @Test func areasAboveEachOtherAreOnePerson() throws {
    let scene = scene(.init(category: 4, rows: ["####......", "..........", "####......"]))
    #expect(try people(scene.parsing(mending: .standard)) == [["####......", "..........", "####......"]])
  }

  @Test func confettiStaysAsItIs() throws {
    let scene = scene(.init(category: 4, rows: ["#.#.#.#.#.", "..........", "#.#.#.#.#."]))
    let mending = PeopleMending(smallestSpeck: 0.5, smallestPerson: 2)
    #expect(try people(scene.parsing(mending: mending)) == people(scene.parsing()))
  }

  @Test func aPieceThatSomebodyElseIsAlreadyIsLeftOut() throws {
    let scene = scene(
      .init(category: 4, rows: ["###....##.", "###....##.", "###......."]),
      .init(category: 4, rows: [".......##.", ".......##.", ".......##."], certainty: 3))
    let parsing = try scene.parsing(mending: .standard)
    #expect(
      people(parsing) == [["###.......", "###.......", "###......."], [".......##.", ".......##.", ".......##."]])
    #expect(parsing.people[0].score > parsing.people[1].score)
  }

  @Test func peopleWithLowScoresAreUnsure() throws {
    let parsing = try scene(
      .init(category: 4, rows: ["###.......", "###.......", ".........."]),
      .init(category: 4, rows: [".....###..", ".....###..", ".........."], certainty: 2)
    ).parsing()
    #expect(parsing.people.map(\.isUnsure) == [false, true])
    #expect(parsing.summary(weights: "w").people.map(\.unsure) == [false, true])
  }
}

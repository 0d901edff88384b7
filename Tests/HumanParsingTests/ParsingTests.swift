import HumanParsing
import ImageCoding
import MaskMerging
import Testing

@Suite(.timeLimit(.minutes(10))) struct ParsingTests {
  // MARK: Several humans

  @Test func peopleAreSortedAndKnowTheirParts() throws {
    let parsing = try ParsingScene.two.parsing()
    #expect(parsing.width == 20 && parsing.height == 6)
    #expect(parsing.classes == ["Background", "Hair", "Face", "LeftArm", "Human"])
    #expect(parsing.people.count == 2)
    #expect(parsing.people[0].score > 0.99 && parsing.people[1].score > 0.7 && parsing.people[1].score < 0.9)
    #expect(parsing.people[0].box == BoundingBox(x: 10, y: 0, width: 6, height: 6))
    #expect(parsing.people[0].area == 36)
    #expect(parsing.people[1].box == BoundingBox(x: 0, y: 0, width: 6, height: 4))
    for (index, person) in parsing.people.enumerated() {
      #expect(Set(person.parts.map(\.label)) == [.hair, .face])
      #expect(person.parts.allSatisfy { $0.person == index })
    }
    #expect(parsing.parts.count == 5)
    #expect(parsing.parts.filter { $0.label == .leftArm }.map(\.person) == [nil])
  }

  @Test func areasAndBoxesAreThoseOfTheMasks() throws {
    let parsing = try ParsingScene.two.parsing()
    for part in parsing.parts {
      let hard = part.mask.hard()
      #expect(hard.area == part.area && hard.box == part.box, "\(part.label)")
    }
    for person in parsing.people {
      #expect(person.mask.hard().area == person.area && person.mask.hard().box == person.box)
    }
  }

  @Test func theLabelMapShowsTheParts() throws {
    let parsing = try ParsingScene.two.parsing()
    let cells = stride(from: 1, to: 6, by: 2).map { y in
      stride(from: 1, to: 20, by: 2).map { "\(parsing.labelMap.indices[y * 20 + $0])" }.joined()
    }
    #expect(cells == ["1110022200", "2220022200", "0000011103"])
  }

  @Test(
    arguments: [
      ([.hair], ["###.......", "..........", ".....###.."]),
      ([.hair, .face], ["###..###..", "###..###..", ".....###.."]),
      ([.human], ["###..###..", "###..###..", ".....###.."]),
      ([.background], ["...##...##", "...##...##", "#####...#."]),
      (["Handbag"], ["..........", "..........", ".........."]),
      ([], ["..........", "..........", ".........."]),
    ] as [([Label], [String])])
  func masksAreUnionsOverPeople(labels: [Label], rows: [String]) throws {
    #expect(cells(of: try ParsingScene.two.parsing().mask(of: labels).hard(), scale: 2) == rows)
  }

  @Test(
    arguments: [
      ([.hair], 0, ["..........", "..........", ".....###.."]),
      ([.face], 1, ["..........", "###.......", ".........."]),
      ([.human], 1, ["###.......", "###.......", ".........."]),
      ([.hair], 2, ["..........", "..........", ".........."]),
      ([.hair], -1, ["..........", "..........", ".........."]),
    ] as [([Label], Int, [String])])
  func masksOfOnePerson(labels: [Label], person: Int, rows: [String]) throws {
    #expect(cells(of: try ParsingScene.two.parsing().mask(of: labels, person: person).hard(), scale: 2) == rows)
  }

  @Test func partsBelowTheModelsThresholdCountOnRequestOnly() throws {
    var scene = ParsingScene.two
    // One of six classes with logit 0.5: a probability of 0.25.
    scene.queries.append(.init(category: 1, rows: ["..........", "..........", "##........"], certainty: 0.5))
    let parsing = try scene.parsing()
    #expect(parsing.parts.count { $0.label == .hair } == 3 && parsing.minimumScore == 0.3)
    #expect(parsing.mask(of: [.hair]).area == 24)
    #expect(parsing.mask(of: [.hair], minimumScore: 0.2).area > 24)
  }

  /// The first person of the scene has class probability 0.8: one of six classes with logit 3.
  @Test func peopleBelowTheModelsThresholdCountOnRequestOnly() throws {
    var scene = ParsingScene.two
    let everybody = try scene.parsing()
    scene.personScoreThreshold = 0.9
    let parsing = try scene.parsing()
    #expect(parsing.people.map(\.score) == everybody.people.map(\.score) && parsing.minimumPersonScore == 0.9)
    #expect(parsing.foreground.hard() == parsing.mask(of: [.human], person: 0).hard())
    #expect(parsing.mask(of: [.human]).hard() == parsing.foreground.hard())
    #expect(parsing.mask(of: [.human], minimumScore: 0.5).hard() == everybody.foreground.hard())
    #expect(parsing.mask(of: [.face]).hard() == everybody.mask(of: [.face]).hard(), "parts have their own threshold")
    let human = try #require(parsing.classes.firstIndex(of: .human))
    func people(_ document: COCODocument) -> Int { document.annotations.count { $0.categoryID == human } }
    #expect(people(parsing.coco(fileName: "a")) == 1 && people(everybody.coco(fileName: "a")) == 2)
  }

  @Test func masksAreSoftAtTheirEdges() throws {
    var scene = ParsingScene.two
    scene.scale = 31
    let alpha = try scene.parsing().mask(of: [.face]).alpha8()
    #expect(alpha.pixels.contains { $0 > 20 && $0 < 235 } && alpha.pixels.contains(255) && alpha.pixels.contains(0))
  }

  @Test func aResultDoesNotDependOnThreads() throws {
    var scene = ParsingScene.two
    scene.scale = 40
    let (one, three) = (try scene.parsing(threads: 1), try scene.parsing(threads: 3))
    #expect(one.labelMap == three.labelMap)
    #expect(try one.foreground.alpha16() == three.foreground.alpha16())
  }

  // MARK: One human

  @Test(arguments: [false, true])
  func aSingleHumanIsMadeOfAllParts(resizesMasksFirst: Bool) throws {
    var scene = ParsingScene.one
    scene.resizesMasksFirst = resizesMasksFirst
    scene.scale = 31
    let parsing = try scene.parsing()
    #expect(parsing.parts.map(\.label) == [.hair, .face])
    #expect(parsing.people.count == 1 && parsing.people[0].parts.count == 2 && parsing.people[0].score > 0.5)
    #expect(parsing.people[0].area == parsing.parts[0].area + parsing.parts[1].area)
    #expect(cells(of: parsing.parts[0].mask.hard(), scale: 31) == ["....###...", "..........", ".........."])
    #expect(cells(of: parsing.foreground.hard(), scale: 31) == ["....###...", "....###...", "....###..."])
    for part in parsing.parts {
      #expect(part.mask.hard().area == part.area && part.mask.hard().box == part.box)
      let alpha = try part.mask.alpha8().pixels
      #expect(alpha.contains { $0 > 250 } && alpha.contains { $0 > 20 && $0 < 235 })
    }
  }

  // MARK: Nobody

  @Test func anEmptyPictureHasNoPeopleAndBlackPictures() throws {
    let scene = ParsingScene.empty
    let parsing = try scene.parsing()
    #expect(parsing.people.isEmpty && parsing.parts.isEmpty && parsing.labels.isEmpty)
    #expect(parsing.labelMap.indices.allSatisfy { $0 == 0 })
    #expect(parsing.foreground.area == 0 && parsing.foreground.box == nil)
    #expect(try parsing.colorMap().pixels.allSatisfy { $0 == 0 })
    #expect(try parsing.colorMap(order: .byArea).pixels.allSatisfy { $0 == 0 })
    #expect(try parsing.overlay(on: scene.photo()) == scene.photo())
  }
}

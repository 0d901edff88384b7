import Foundation
import HumanParsing
import ImageCoding
import MaskMerging
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ParsingMatteTests {
  private let scenes = [ParsingScene.two, .one, .empty]

  @Test(arguments: [true, false])
  func mattesShareOutThePicture(refined: Bool) throws {
    for scene in scenes {
      let parsing = try scene.parsing()
      let mattes = try parsing.mattes(
        from: scene.photo(), refinement: refined ? MatteRefinement(radius: 2) : nil)
      let none = Array(repeating: Float(0), count: parsing.width * parsing.height)
      func sum(_ mattes: [Matte]) -> [Float] { mattes.reduce(none) { zip($0, $1.values).map(+) } }
      let nobodys = mattes.parts().filter { $0.part.person == nil }.map(\.matte)
      expectClose(sum(mattes.people() + nobodys + [mattes.background()]), none.map { _ in 1 }, absolute: 1 / 255)
      for index in parsing.people.indices {
        let own = mattes.parts().filter { $0.part.person == index }.map(\.matte)
        expectClose(sum(own + [mattes.rests()[index]]), mattes.people()[index].values, absolute: 1 / 255)
      }
    }
  }

  @Test func labelsAndPeopleAreChosen() throws {
    let parsing = try ParsingScene.two.parsing()
    let mattes = try parsing.mattes(from: ParsingScene.two.photo(), refinement: nil)
    func drawn(_ labels: [Label], _ people: [Int]? = nil) -> [String] {
      cells(of: mattes.matte(of: labels, people: people).mask.hard(), scale: 2)
    }
    #expect(drawn([.hair]) == ["###.......", "..........", ".....###.."])
    #expect(drawn([.hair], [0]) == ["..........", "..........", ".....###.."])
    #expect(drawn([.hair, .face], [1]) == ["###.......", "###.......", ".........."])
    #expect(drawn([.human]) == ["###..###..", "###..###..", ".....###.#"])
    #expect(drawn([.background]) == ["...##...##", "...##...##", "#####...#."])
    #expect(drawn(["Handbag"]) == Array(repeating: "..........", count: 3))
    #expect(try parsing.labels(named: "@skin,hair") == [.face, .leftArm, .hair])
  }

  @Test func aLayerAndAnAdjustmentUseTheMatte() throws {
    let (scene, parsing) = (ParsingScene.two, try ParsingScene.two.parsing())
    let photo = try scene.photo()
    let matte = try parsing.matte(of: [.hair], from: photo, refinement: nil)
    #expect(try parsing.layer(of: .hair, from: photo, refinement: nil) == matte.layer(of: photo))
    let inverted: [Adjustment] = [.pixels { 1 - $0 }]
    #expect(
      try parsing.adjusted(photo, labels: [.hair], with: inverted, refinement: nil)
        == photo.adjusted(with: inverted, where: matte))
    #expect(throws: MaskMergingError.self) {
      _ = try parsing.mattes(from: RGBImage(width: 1, height: 1, pixels: [0, 0, 0]))
    }
  }

  // MARK: For other programs

  @Test func cocoHasEveryPartAndPerson() throws {
    let parsing = try ParsingScene.two.parsing()
    let coco = parsing.coco(fileName: "a.png", imageID: 7)
    #expect(coco.categories.map(\.name) == ParsingScene.classes)
    #expect(coco.annotations.map(\.id) == Array(1...coco.annotations.count))
    #expect(coco.annotations.allSatisfy { $0.imageID == 7 })
    #expect(coco.annotations.count { $0.categoryID == 4 } == parsing.people.count)
    let parts = parsing.parts.filter { $0.score >= parsing.minimumScore }
    #expect(coco.annotations.filter { $0.categoryID != 4 }.map(\.area) == parts.map(\.area))
    #expect(try JSONDecoder().decode(COCODocument.self, from: coco.json()) == coco)
  }

  @Test func jointHintsNameTheirPerson() throws {
    let parsing = try ParsingScene.two.parsing()
    let hints = parsing.jointHints()
    #expect(hints.count == parsing.parts.count { $0.score >= parsing.minimumScore })
    #expect(hints.map(\.person).contains(1) && hints.map(\.person).contains(2))
    #expect(parsing.jointHints(of: [.leftArm]).map(\.label) == ["Left-arm"])
    #expect(try JSONDecoder().decode([JointHint].self, from: parsing.jointHintsJSON()) == hints)
  }

  // MARK: Cleaning

  @Test func specksGoAndSmallPeopleStay() throws {
    var scene = ParsingScene.two
    scene.queries[2] = .init(category: 1, rows: ["##........", "..........", ".........#"])
    let parsing = try scene.parsing()
    let cleaned = parsing.cleaned(MaskCleaning(largestOnly: true))
    func hair(_ parsing: Parsing) -> [String]? {
      parsing.parts.first { $0.label == .hair && $0.person == 1 }.map { cells(of: $0.mask.hard(), scale: 2) }
    }
    #expect(hair(parsing) == ["##........", "..........", ".........#"])
    #expect(hair(cleaned) == ["##........", "..........", ".........."])
    #expect(cleaned.people.count == 2 && cleaned.people.allSatisfy(\.isSmall))
    #expect(parsing.cleaned(MaskCleaning()).parts.map(\.area) == parsing.parts.map(\.area))
  }
}

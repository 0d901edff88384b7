import Foundation
import MaskMerging
import TestSupport
import Testing

/// COCO documents for the programs that read them: numbering, outlines, and one document for a batch.
@Suite(.timeLimit(.minutes(10))) struct COCOTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["one.jpg", "in/a/two.jpg", "in/b/two.jpg"] {
      try folder.write(name, try Data(contentsOf: URL(filePath: Pictures.sample)))
    }
  }

  private func run(_ arguments: String...) throws -> Program.Result {
    try Program(["parse"] + arguments, in: folder.path).wait()
  }

  private func document(_ name: String) throws -> COCODocument {
    try JSONDecoder().decode(COCODocument.self, from: Data(folder.read(name)))
  }

  @Test func documentsOfSeveralPicturesHaveDifferentIDs() throws {
    #expect(try run("one.jpg", "in", "--recursive", "--output", "coco").status == 0)
    let documents = try ["one.coco.json", "in/a/two.coco.json", "in/b/two.coco.json"].map(document)
    let images = documents.flatMap(\.images).map(\.id)
    let annotations = documents.flatMap(\.annotations)
    #expect(Set(images).count == 3)
    #expect(annotations.count > 6 && Set(annotations.map(\.id)).count == annotations.count)
    // Exact in programs whose numbers are 64-bit floats.
    #expect((images + annotations.map(\.id)).allSatisfy { (1...1 << 53 - 1).contains($0) })
    for document in documents {
      #expect(document.annotations.allSatisfy { $0.imageID == document.images[0].id })
    }
    // The same picture has the same numbers again.
    #expect(try run("one.jpg", "--output", "coco").status == 0)
    #expect(try document("one.coco.json") == documents[0])
  }

  @Test func polygonsAndCategoriesFromOne() throws {
    let flags = ["--output", "coco", "--coco-polygons", "--coco-categories-from", "1"]
    #expect(try Program(["parse", "one.jpg"] + flags, in: folder.path).wait().status == 0)
    let document = try document("one.coco.json")
    #expect(document.categories.map(\.id) == Array(1...21))
    #expect(document.categories[2].name == "Hair")
    #expect(document.annotations.contains { $0.categoryID == 21 && $0.person == 1 })
    for annotation in document.annotations {
      guard case .polygons(let polygons) = annotation.segmentation else {
        Issue.record("expected polygons")
        continue
      }
      #expect(!polygons.isEmpty && polygons.allSatisfy { $0.count >= 8 && $0.count.isMultiple(of: 2) })
      // The box is that of the corners, of which the odd ones are rows.
      let corners = polygons.flatMap { polygon in stride(from: 0, to: polygon.count, by: 2).map { polygon[$0] } }
      let rows = polygons.flatMap { polygon in stride(from: 1, to: polygon.count, by: 2).map { polygon[$0] } }
      #expect(corners.min() == annotation.bbox.x && rows.min() == annotation.bbox.y)
      #expect(corners.max() == annotation.bbox.x + annotation.bbox.width)
      #expect(rows.max() == annotation.bbox.y + annotation.bbox.height)
    }
  }

  @Test func oneDocumentForABatchGoesOn() throws {
    let flags = ["--coco-file", "out/all.json", "--output", "coco"]
    let first = try Program(["parse", "in", "--recursive"] + flags, in: folder.path).wait()
    #expect(first.status == 0)
    let two = try document("out/all.json")
    #expect(two.images.map(\.fileName) == ["a/two.jpg", "b/two.jpg"])
    #expect(two.images.map(\.id) == [1, 2])
    #expect(two.annotations.map(\.id) == Array(1...two.annotations.count))
    #expect(Set(two.annotations.map(\.imageID)) == [1, 2])
    #expect(!folder.contents.contains { $0.hasSuffix(".coco.json") })

    let second = try Program(
      ["parse", "in", "one.jpg", "--recursive", "--skip-existing"] + flags, in: folder.path
    ).wait()
    #expect(second.status == 0)
    #expect(second.errors.contains("1 parsed, 2 skipped"))
    let three = try document("out/all.json")
    #expect(three.images.map(\.fileName) == ["a/two.jpg", "b/two.jpg", "one.jpg"])
    #expect(three.annotations.starts(with: two.annotations))
    #expect(three.annotations.map(\.id) == Array(1...three.annotations.count))

    let other = try Program(
      ["parse", "one.jpg", "--skip-existing", "--coco-categories-from", "1"] + flags, in: folder.path
    ).wait()
    #expect(other.status == 65)
    #expect(other.errors.contains("expected the categories of this run"))
    #expect(try document("out/all.json") == three)
  }

  @Test func documentsOfOthersStay() throws {
    let foreign = Array("{\"images\": [], \"annotations\": []}".utf8)
    try folder.write("all.json", foreign)
    let flags = ["one.jpg", "--output", "coco", "--coco-file", "all.json"]
    let refused = try Program(["parse"] + flags, in: folder.path).wait()
    #expect(refused.status == 74)
    #expect(refused.errors.contains("not written by m2fp"))
    #expect(try folder.read("all.json") == foreign)
    #expect(try Program(["parse", "--overwrite"] + flags, in: folder.path).wait().status == 0)
    #expect(try document("all.json").images.map(\.fileName) == ["one.jpg"])
  }

  @Test(arguments: [
    ["--coco-polygons"], ["--coco-categories-from", "2", "--output", "coco"], ["--coco-file", "a.json", "-o", "-"],
    ["--coco-file", ""], ["--coco-categories-from", "1", "--output", "json"],
  ])
  func flagsThatDoNotFitAreRefused(flags: [String]) throws {
    #expect(try Program(["parse", "one.jpg"] + flags, in: folder.path).wait().status == 64)
  }
}

import Foundation
import MaskMerging
import TestSupport
import Testing

/// Run lengths against pycocotools'; `Fixtures/make_coco_rle.py` makes the file.
@Suite(.timeLimit(.minutes(10))) struct RunLengthsTests {
  private struct Case: Decodable {
    let rows: [String]
    let counts: String
    let area: Int
    let bbox: [Int]
  }

  private func cases() throws -> [Case] {
    let url = try #require(Bundle.module.url(forResource: "coco-rle", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode([Case].self, from: Data(contentsOf: url))
  }

  @Test func countsArePycocotools() throws {
    for test in try cases() {
      let mask = try drawn(test.rows).hard()
      let runs = RunLengths(mask)
      #expect(runs.compressed == test.counts)
      #expect(try RunLengths(compressed: test.counts, width: mask.width, height: mask.height) == runs)
      #expect(runs.mask == mask)
      #expect(mask.area == test.area)
      if let box = mask.box { #expect([box.x, box.y, box.width, box.height] == test.bbox) }
    }
  }

  @Test(arguments: ["", "0", "2", "f", "1", "~", "é", "PPPPPPPPPPPPPP1", "4o", "211o", "ooooooooo"])
  func textThatIsNoRunLengthsIsRefused(text: String) {
    expectError(.invalidText, saying: "6 pixels") { _ = try RunLengths(compressed: text, width: 3, height: 2) }
  }

  @Test func mutatedTextNeverTraps() throws {
    var generator = SeededGenerator(4)
    for test in try cases() where !test.counts.isEmpty {
      for _ in 0..<50 {
        var bytes = Array(test.counts.utf8)
        bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 40...115, using: &generator)
        let (width, height) = (test.rows[0].count, test.rows.count)
        if let runs = try? RunLengths(compressed: String(decoding: bytes, as: UTF8.self), width: width, height: height)
        {
          #expect(runs.counts.reduce(0, +) == width * height)
          _ = runs.mask
        }
      }
    }
  }

  @Test(arguments: [(0, 1), (-1, -1), (Int.max, 2), (65_536, 65_536)])
  func sizesThatNoMaskHasAreRefused(width: Int, height: Int) {
    expectError(.sizeMismatch) { _ = try RunLengths(compressed: "1", width: width, height: height) }
  }

  @Test func aDocumentIsReadBack() throws {
    let mask = try drawn(".##.", ".#..").hard()
    let document = COCODocument(
      images: [.init(id: 1, fileName: "a/b.png", width: 4, height: 2)], categories: [.init(id: 2, name: "Hair")],
      annotations: [
        .init(id: 1, imageID: 1, categoryID: 2, mask: mask, score: 0.5, person: 1),
        .init(id: 2, imageID: 1, categoryID: 2, mask: mask, score: 0.25, asPolygons: true),
      ])
    let json = try document.json()
    #expect(try JSONDecoder().decode(COCODocument.self, from: json) == document)
    let text = String(decoding: json, as: UTF8.self)
    #expect(text.contains(#""segmentation":{"counts":"233","size":[2,4]}"#), "\(text)")
    #expect(text.contains(#""bbox":[1,0,2,2]"#) && text.contains(#""iscrowd":0"#) && text.contains(#""area":3"#))
    #expect(text.contains(#""segmentation":[[3,0,3,1,2,1,2,2,1,2,1,0]]"#), "\(text)")
  }
}

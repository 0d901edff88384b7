import Foundation
import ImageCoding
import M2FPTool
import MaskMerging
import TestSupport
import Testing

/// Maps here are strings, a row each: `.` nobody, digits persons, `?` pixels that are not counted; in masks `#` is inside.
@Suite(.timeLimit(.minutes(10))) struct PersonDetectionTests {
  private func map(_ rows: String...) throws -> LabelMap {
    let values = rows.joined().map { character -> UInt8 in
      character == "?" ? 255 : UInt8(character.wholeNumberValue ?? 0)
    }
    return try LabelMap(width: rows[0].count, height: rows.count, indices: values)
  }

  private func mask(_ rows: String...) throws -> BinaryMask {
    try Mask(
      width: rows[0].count, height: rows.count, probabilities: rows.joined().map { $0 == "#" ? 1 : 0 }
    ).hard()
  }

  private func counts(
    _ found: [BinaryMask], _ truth: LabelMap, minimumHeight: Int = 0
  ) throws -> PersonDetection {
    var counts = PersonDetection(minimumHeight: minimumHeight)
    try counts.count(found, truth: truth)
    return counts
  }

  @Test func matchesAtHalfOverlap() throws {
    let truth = try map("1111", "....")
    let half = try counts([mask("##..", "....")], truth)
    #expect((half.persons, half.recalled, half.predictions, half.falsePredictions) == (1, 1, 1, 0))
    let less = try counts([mask("##..", "#...")], truth)
    #expect((less.persons, less.recalled, less.predictions, less.falsePredictions) == (1, 0, 1, 1))
    #expect(less.unionIoU == 2.0 / 5)
  }

  @Test func eachIsMatchedOnce() throws {
    let truth = try map("1111.222")
    // Two predictions of one person: the better one matches, the other one is false, whatever their order.
    let better = try mask("####....")
    let worse = try mask("###.....")
    for found in [[better, worse], [worse, better]] {
      let counts = try counts(found, truth)
      #expect((counts.persons, counts.recalled, counts.predictions, counts.falsePredictions) == (2, 1, 2, 1))
      #expect(counts.unionIoU == 4.0 / 7)
    }
    // Two people in one prediction: it matches the one who fills it by half.
    let melted = try counts([mask("########")], truth)
    #expect((melted.recalled, melted.falsePredictions) == (1, 0))
  }

  @Test func theLargestOverlapIsMatchedFirst() throws {
    // The first prediction overlaps both persons by half or more; the second one has the first person alone.
    let truth = try map("111222")
    let first = try mask("..####")
    let second = try mask("###...")
    let counts = try counts([first, second], truth)
    #expect((counts.recalled, counts.falsePredictions) == (2, 0))
  }

  @Test func recallIsOfTallPersons() throws {
    let truth = try map("1.2", "1..", "1..")
    let found = [try mask("..#", "...", "...")]
    let all = try counts(found, truth)
    #expect((all.persons, all.recalled) == (2, 1))
    // A small person who is found is not counted, but is nobody false either.
    let tall = try counts(found, truth, minimumHeight: 3)
    #expect((tall.persons, tall.recalled, tall.predictions, tall.falsePredictions) == (1, 0, 1, 0))
  }

  @Test func ignoredPixelsAreNotCounted() throws {
    let truth = try map("11??", "....")
    // A match is measured beside ignored pixels.
    let beside = try counts([mask("####", "....")], truth)
    #expect((beside.recalled, beside.predictions, beside.unionIoU) == (1, 1, 1))
    // A prediction that lies on them by more than half is neither right nor wrong; by half it is wrong.
    let crowd = try counts([mask("..##", "...#")], truth)
    #expect((crowd.recalled, crowd.predictions, crowd.falsePredictions) == (0, 0, 0))
    let partly = try counts([mask("..##", "..##")], truth)
    #expect((partly.predictions, partly.falsePredictions) == (1, 1))
    #expect(partly.unionIoU == 0)
  }

  @Test func picturesOfNobody() throws {
    var counts = PersonDetection(minimumHeight: 0)
    try counts.count([], truth: map("..."))
    try counts.count([mask("##."), mask("..#")], truth: map("..."))
    // A crowd that nobody outlined is somebody.
    try counts.count([mask("##.")], truth: map("??."))
    try counts.count([mask("#..")], truth: map("1.."))
    #expect((counts.emptyPictures, counts.emptyPicturesWithPredictions) == (2, 1))
    #expect((counts.pictures, counts.predictions, counts.falsePredictions) == (4, 3, 2))
  }

  @Test func nothingThereGivesNoShares() throws {
    let counts = try counts([], map("..."))
    #expect(counts.recall == nil)
    #expect(counts.falseShare == nil)
    #expect(counts.unionIoU == nil)
  }

  @Test func otherSizesAreRefusedWhole() throws {
    var counts = PersonDetection(minimumHeight: 0)
    let failure = #expect(throws: Failure.self) { try counts.count([mask("#")], truth: map("11")) }
    #expect(failure?.status == .badData)
    #expect(counts == PersonDetection(minimumHeight: 0))
  }

  @Test func reportsSayWhatWasCounted() throws {
    var counts = PersonDetection(minimumHeight: 2)
    try counts.count([mask("#..", "#..", "..#")], truth: map("1..", "1..", "2.2"))
    try counts.count([mask("##.")], truth: map("..."))
    let report = EvaluationReport(
      matrix: nil, persons: counts, names: ["Background"], weights: "small", pictures: 2, failed: 0)
    #expect(
      report.table == """
        recall of persons  100.00 %  1 of 1 at least 2 pixels high
        false persons       50.00 %  1 of 2 that were found
        nobody there              1  of 1 pictures without persons in which somebody was found
        IoU of everybody    50.00 %  2 pictures
        """)
    let json = try report.json()
    for field in [
      "\"recall\" : 1", "\"false_predictions\" : 1", "\"empty_pictures_with_predictions\" : 1", "\"union_iou\" : 0.5",
      "\"minimum_height\" : 2",
    ] {
      #expect(json.contains(field), "\(field): \(json)")
    }
    #expect(!json.contains("classes"))
  }

  /// What the program finds in a photograph is given to it as the truth.
  @Test func theProgramFindsWhatItFound() throws {
    let folder = try TemporaryFolder()
    let parsed = try Program.run("parse", Pictures.astronaut, "-o", folder.path, "--output", "labels,people")
    #expect(parsed.status == 0, "\(parsed.errors)")
    let person = try RGBImage(contentsOf: URL(filePath: folder / "astronaut.people/p01.png"))
    let truth = stride(from: 0, to: person.pixels.count, by: 3).map { UInt8(person.pixels[$0] > 127 ? 7 : 0) }
    let map = try GrayImage(width: person.width, height: person.height, pixels: truth)
    try folder.write("instances/astronaut.png", try map.pngData())
    try folder.write("labels/astronaut.png", try folder.read("astronaut.labels.png"))
    try folder.write("images/astronaut.png", try Data(contentsOf: URL(filePath: Pictures.astronaut)))
    let result = try Program.run(
      "evaluate", "--images", folder / "images", "--labels", folder / "labels", "--instances", folder / "instances",
      "--json")
    #expect(result.status == 0, "\(result.errors)")
    let report = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    #expect(report?["mean_iou"] as? Double == 1)
    let instances = report?["instances"] as? [String: Any]
    #expect(instances?["persons"] as? Int == 1)
    #expect(instances?["recall"] as? Double == 1)
    #expect(instances?["minimum_height"] as? Int == 90)
  }
}

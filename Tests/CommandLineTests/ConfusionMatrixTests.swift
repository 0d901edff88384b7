import M2FPTool
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ConfusionMatrixTests {
  @Test func measuresOfASmallPicture() throws {
    var matrix = ConfusionMatrix(classes: 4)
    try matrix.count(
      prediction: [0, 0, 1, 1, 2, 2, 3, 0],
      truth: [0, 0, 1, 2, 2, 2, 255, 1])
    #expect(matrix.counts == [2, 0, 0, 0, 1, 1, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0])
    #expect(matrix.intersectionOverUnion(0) == 2.0 / 3)
    #expect(matrix.intersectionOverUnion(1) == 1.0 / 3)
    #expect(matrix.intersectionOverUnion(2) == 2.0 / 3)
    #expect(matrix.intersectionOverUnion(3) == nil)
    #expect(matrix.meanIntersectionOverUnion.map { abs($0 - 5.0 / 9) < 1e-12 } == true)
    #expect(matrix.pixelAccuracy == 5.0 / 7)
    // Five pixels of parts, of which four are taken for parts, and no background is.
    #expect(matrix.personIntersectionOverUnion == 4.0 / 5)
  }

  @Test func picturesAddUp() throws {
    var matrix = ConfusionMatrix(classes: 2)
    try matrix.count(prediction: [0, 1], truth: [0, 0])
    try matrix.count(prediction: [1, 1], truth: [1, 0])
    #expect(matrix.counts == [1, 2, 0, 1])
  }

  @Test func aClassThatOnlyTheModelSeesCountsForTheOthersAlone() throws {
    var matrix = ConfusionMatrix(classes: 3)
    try matrix.count(prediction: [0, 2], truth: [0, 0])
    #expect(matrix.meanIntersectionOverUnion == 0.5)
  }

  @Test func nothingCountedGivesNoNumbers() throws {
    var matrix = ConfusionMatrix(classes: 3)
    try matrix.count(prediction: [1], truth: [255])
    #expect(matrix.pixelAccuracy == nil)
    #expect(matrix.meanIntersectionOverUnion == nil)
    #expect(matrix.personIntersectionOverUnion == nil)
  }

  @Test(
    arguments: [([0, 0], [0], ExitReason.badData), ([0], [3], .badData), ([3], [0], .softwareFault)]
      as [([UInt8], [UInt8], ExitReason)])
  func whatDoesNotFitIsRefusedWhole(prediction: [UInt8], truth: [UInt8], status: ExitReason) {
    var matrix = ConfusionMatrix(classes: 3)
    let failure = #expect(throws: Failure.self) { try matrix.count(prediction: prediction, truth: truth) }
    #expect(failure?.status == status)
    #expect(matrix == ConfusionMatrix(classes: 3))
  }

  @Test func reportsSayWhatTheMatrixSays() throws {
    var matrix = ConfusionMatrix(classes: 3)
    try matrix.count(prediction: [0, 0, 1, 1], truth: [0, 0, 1, 0])
    let report = EvaluationReport(
      matrix: matrix, names: ["Background", "Hat", "Hair"], weights: "small", pictures: 1, failed: 0)
    #expect(
      report.table == """
        class               IoU  labelled pixels
        Background      66.67 %  3
        Hat             50.00 %  1
        Hair                  -  0
        mean IoU        58.33 %  2 classes
        person IoU      50.00 %  all classes but the first
        pixel accuracy  75.00 %  1 pictures
        """)
    let json = try report.json()
    #expect(json.contains("\"mean_iou\" : 0.58333"))
    #expect(json.contains("\"labelled_pixels\" : 3"))
  }
}

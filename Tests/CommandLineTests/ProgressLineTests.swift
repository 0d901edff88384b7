import M2FPTool
import Testing

@Suite(.timeLimit(.minutes(10))) struct ProgressLineTests {
  @Test func aLineShowsCountRateAndTimeLeft() {
    var line = ProgressLine(total: 40)
    #expect(line.text(columns: 80) == "[..............................]  0/40")
    line.done = 10
    line.worked = 10
    line.elapsedSeconds = 20
    #expect(line.text(columns: 80) == "[#######.......................]  10/40  2.0 s each  1 min 0 s left")
    line.failed = 1
    line.elapsedSeconds = 2
    #expect(line.text(columns: 80) == "[#######.......................]  10/40  1 failed  5.0/s  6 s left")
    line.done = 40
    #expect(line.text(columns: 80) == "[##############################]  40/40  1 failed  5.0/s")
  }

  @Test func skippedItemsDoNotFlatterTheRate() {
    var line = ProgressLine(total: 100)
    line.done = 50
    line.elapsedSeconds = 10
    #expect(line.rate == nil)
    line.worked = 5
    #expect(line.rate == 0.5)
    #expect(line.secondsLeft == 100)
  }

  @Test(arguments: 0...100)
  func noLineIsWiderThanTheTerminal(columns: Int) {
    var line = ProgressLine(total: 12345)
    line.done = 1234
    line.worked = 1234
    line.elapsedSeconds = 1e9
    #expect(line.text(columns: columns).count <= columns)
  }

  @Test(arguments: [
    (0.0, "0 s"), (0.2, "1 s"), (59, "59 s"), (60, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"),
    (-1, "0 s"), (.nan, "0 s"), (.infinity, "24000 h 0 min"),
  ])
  func spans(seconds: Double, expected: String) {
    #expect(ProgressLine.text(seconds: seconds) == expected)
  }

  @Test(arguments: [(12.54, "12.5/s"), (1.0, "1.0/s"), (0.5, "2.0 s each"), (1e-300, "1000000000.0 s each")])
  func rates(rate: Double, expected: String) {
    #expect(ProgressLine.text(rate: rate) == expected)
  }
}

import M2FPTool
import Testing

@Suite(.timeLimit(.minutes(10))) struct BatchTests {
  @Test func aFailureIsCountedAndTheOthersGoOn() {
    var seen: [Int] = []
    let summary = Batch(Array(1...4)) { "item \($0)" }.run { (item) throws(Failure) in
      seen.append(item)
      if item == 2 { throw Failure(.badData, "broken") }
    }
    #expect(seen == [1, 2, 3, 4])
    #expect(summary.done == 3)
    #expect(summary.failures == [Failure(.badData, "broken")])
    #expect(summary.text(verb: "parsed") == "3 parsed, 1 failed")
  }

  @Test func doneItemsAreSkipped() {
    var batch = Batch(Array(1...4)) { "\($0)" }
    batch.isDone = { $0 % 2 == 0 }
    var seen: [Int] = []
    let summary = batch.run { seen.append($0) }
    #expect(seen == [1, 3])
    #expect(summary.skipped == 2)
    #expect(summary.status == .success)
  }

  @Test func anInterruptStopsAfterTheCurrentItem() {
    var seen: [Int] = []
    var batch = Batch(Array(1...4)) { "\($0)" }
    batch.isInterrupted = { seen.count == 2 }
    let summary = batch.run { seen.append($0) }
    #expect(seen == [1, 2])
    #expect(summary.left == 2)
    #expect(summary.status == .interrupted)
    #expect(summary.text(verb: "parsed") == "2 parsed, 2 not begun")
  }

  @Test(
    arguments: [
      ([], ExitReason.success), ([.badData], .badData), ([.badData, .noInput], .noInput),
      ([.inputOutput, .badData], .inputOutput), ([.softwareFault, .noInput], .softwareFault),
    ] as [([ExitReason], ExitReason)])
  func theHighestStatusWins(failures: [ExitReason], expected: ExitReason) {
    var summary = BatchSummary(total: failures.count)
    summary.failures = failures.map { Failure($0, "") }
    #expect(summary.status == expected)
    summary.isInterrupted = true
    #expect(summary.status == .interrupted)
  }
}

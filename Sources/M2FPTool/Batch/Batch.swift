import Platform

/// Processing of a list of items that shows progress, reports failures and continues, and stops after the current item on
/// SIGINT, SIGTERM and SIGHUP.
package struct Batch<Item> {
  package var items: [Item]
  /// Name of an item in messages.
  package var name: (Item) -> String
  /// Whether an item is skipped.
  package var isDone: (Item) -> Bool = { _ in false }
  /// Called for each skipped item.
  package var didSkip: (Item) throws(Failure) -> Void = { _ in }
  package var isInterrupted: () -> Bool = { Interrupt.isRequested }
  package var console = Console.shared

  package init(_ items: [Item], name: @escaping (Item) -> String) {
    self.items = items
    self.name = name
  }

  /// Processes all items.
  ///
  /// - Parameter work: Processes one item. A ``Failure`` that it throws is reported after the item's name.
  /// - Returns: The numbers of items by outcome.
  package func run(work: (Item) throws(Failure) -> Void) -> BatchSummary {
    var summary = BatchSummary(total: items.count)
    var progress = ProgressLine(total: items.count)
    let start = ContinuousClock.now
    for item in items {
      if isInterrupted() { break }
      if items.count > 1 { console.show(progress) }
      do {
        if isDone(item) {
          try didSkip(item)
          summary.skipped += 1
        } else {
          progress.worked += 1
          try work(item)
          summary.done += 1
        }
      } catch {
        if error.status.isSignal { break }
        summary.failures.append(error)
        console.message("Error: \(name(item)): \(error.message)")
      }
      progress.done += 1
      progress.failed = summary.failures.count
      progress.elapsedSeconds = (ContinuousClock.now - start) / .seconds(1)
    }
    console.clearProgress()
    summary.isInterrupted = isInterrupted()
    summary.interruption = .signalled
    return summary
  }
}

/// Outcome of a batch.
package struct BatchSummary: Equatable, Sendable {
  package var total: Int
  package var done = 0
  package var skipped = 0
  package var failures: [Failure] = []
  package var isInterrupted = false
  /// Status of a run that was interrupted.
  package var interruption = ExitReason.interrupted

  package init(total: Int) { self.total = total }

  /// Number of items that were not begun.
  package var left: Int { total - done - skipped - failures.count }

  /// Adds inputs that were refused before the run.
  mutating func add(_ refusals: [InputList.Refusal]) {
    total += refusals.count
    failures += refusals.map(\.failure)
  }

  /// Exit status of the run: that of the signal if it was interrupted, otherwise the highest status of the failures.
  package var status: ExitReason {
    isInterrupted ? interruption : failures.map(\.status).max() ?? .success
  }

  /// Summary of a run of several items, such as "12 parsed, 3 skipped, 1 failed".
  package func text(verb: String) -> String {
    var fields = ["\(done) \(verb)"]
    if skipped > 0 { fields.append("\(skipped) skipped") }
    if !failures.isEmpty { fields.append("\(failures.count) failed") }
    if left > 0 { fields.append("\(left) not begun") }
    return fields.joined(separator: ", ")
  }
}

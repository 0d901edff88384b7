import Glibc

/// Works through a list of items: shows progress, reports what fails and goes on, stops after the current item on
/// SIGINT.
package struct Batch<Item> {
  package var items: [Item]
  /// What a message calls an item.
  package var name: (Item) -> String
  /// True for items that a run is told to leave as they are.
  package var isDone: (Item) -> Bool = { _ in false }
  /// Told of each item that is left as it is.
  package var didSkip: (Item) throws(Failure) -> Void = { _ in }
  package var isInterrupted: () -> Bool = { Interrupt.isRequested }
  package var console = Console.shared

  package init(_ items: [Item], name: @escaping (Item) -> String) {
    self.items = items
    self.name = name
  }

  /// - Parameter work: Does one item. A thrown ``Failure`` is reported with the item's name before it.
  /// - Returns: How many items ended how.
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
        if error.status == .interrupted { break }
        summary.failures.append(error)
        console.message("Error: \(name(item)): \(error.message)")
      }
      progress.done += 1
      progress.failed = summary.failures.count
      progress.elapsedSeconds = (ContinuousClock.now - start) / .seconds(1)
    }
    console.clearProgress()
    summary.isInterrupted = isInterrupted()
    return summary
  }
}

/// How a batch ended.
package struct BatchSummary: Equatable, Sendable {
  package var total: Int
  package var done = 0
  package var skipped = 0
  package var failures: [Failure] = []
  package var isInterrupted = false

  package init(total: Int) { self.total = total }

  /// Items that nobody has looked at.
  package var left: Int { total - done - skipped - failures.count }

  /// The status of the whole run: interrupted before all else, then the highest among the failures.
  package var status: ExitReason {
    isInterrupted ? .interrupted : failures.map(\.status).max() ?? .success
  }

  /// One line for the end of a run of several items: "12 parsed, 3 skipped, 1 failed".
  package func text(verb: String) -> String {
    var fields = ["\(done) \(verb)"]
    if skipped > 0 { fields.append("\(skipped) skipped") }
    if !failures.isEmpty { fields.append("\(failures.count) failed") }
    if left > 0 { fields.append("\(left) not begun") }
    return fields.joined(separator: ", ")
  }
}

import Platform
import Synchronization

/// The loops of one pool that callers have opened, and where its workers wait for them.
///
/// There is a fixed number of places for loops. A caller claims a place, opens its loop there, announces it, takes
/// iterations until none is left, closes the loop, and gives the place back when no worker is inside any more. Where all
/// places are taken, it runs its loop alone. A worker looks through all places whenever a loop was announced, and sleeps
/// when none was for a while.
///
/// Nobody waits for a worker to come: a loop without one is run by its caller alone. Waits are of two kinds only. An idle
/// worker waits for an announcement: it sleeps under the lock under which loops are announced, so none is missed. A caller
/// waits for the workers inside its own loop, each of which is in the middle of one iteration. An iteration may open a
/// loop and wait in turn, but a thread that waits for its loop never enters another one, so that it waits only for what
/// was begun later than itself: the waits cannot form a circle.
final class OpenLoops: Sendable {
  private let places: [LoopPlace]
  /// Threads of the pool, the caller among them.
  private let threads: Int
  /// Loops of which iterations may be left.
  private let open = Atomic<Int>(0)
  /// Counts announcements.
  private let announced = Atomic<Int>(0)
  private let isStopped = Atomic<Bool>(false)
  private let monitor = Monitor()

  private static let placeCount = 8

  /// Rounds of polling before a thread sleeps: loops of one forward pass follow each other within microseconds. Ten and
  /// a hundred times as many made no difference to a pass, measured in turns.
  fileprivate static let polls = 4_000

  init(threads: Int) {
    self.threads = threads
    places = (0..<Self.placeCount).map { _ in LoopPlace() }
  }

  /// A place for a loop, which its caller has to run there; nil where all are taken.
  func claim() -> LoopPlace? { places.first { $0.claim() } }

  func run(_ count: Int, _ body: SharedLoopBody, in place: LoopPlace) {
    place.openLoop(count, body)
    let others = open.wrappingAdd(1, ordering: .relaxed).oldValue
    announce(wakes: others + 1 < threads)
    place.takeIterations(thread: 0)
    open.wrappingSubtract(1, ordering: .relaxed)
    place.closeLoop()
  }

  /// Tells the workers of a new loop, or of the end.
  private func announce(wakes: Bool) {
    monitor.withLock {
      announced.wrappingAdd(1, ordering: .releasing)
      if wakes { monitor.wakeAll() }
    }
  }

  /// The life of a worker, until `stop`.
  func work(thread: Int) {
    var seen = 0
    while true {
      seen = nextAnnouncement(after: seen)
      guard !isStopped.load(ordering: .acquiring) else { return }
      for place in places where open.load(ordering: .relaxed) + thread <= threads { place.help(thread: thread) }
    }
  }

  /// Waits until more than `seen` announcements were made; returns how many.
  private func nextAnnouncement(after seen: Int) -> Int {
    for _ in 0..<Self.polls {
      let current = announced.load(ordering: .acquiring)
      if current != seen { return current }
    }
    return monitor.withLock {
      while announced.load(ordering: .acquiring) == seen { monitor.wait() }
      return announced.load(ordering: .acquiring)
    }
  }

  /// Ends the workers. No loop is open, and none is opened after.
  func stop() {
    isStopped.store(true, ordering: .releasing)
    announce(wakes: true)
  }
}

/// A place for one loop at a time.
///
/// Audited as `@unchecked Sendable`: `count` and `body` are written only by the caller that claimed the place, while the
/// gate is shut and nobody is inside. A worker reads them only inside: after it counted itself in and found the gate open
/// (acquire), and before it counts itself out (release). The caller shuts the gate when all iterations are dealt, and
/// does not return before nobody is inside (acquire), so the body that it lends stays alive. A worker that comes late
/// finds the gate shut and leaves; it may delay the caller by that much, or enter the next loop of the place.
final class LoopPlace: @unchecked Sendable {
  private let isTaken = Atomic<Bool>(false)
  /// The number of workers inside, plus `shut` while the gate is, plus `asleep` while the caller sleeps until the last
  /// one is out.
  private let gate = Atomic<Int>(shut)
  private static let shut = 1 << 32
  private static let asleep = 1 << 33
  /// The next iteration to be dealt; `count` or more where none is left.
  private let next = Atomic<Int>(0)
  private var count = 0
  private var body: SharedLoopBody?
  private let monitor = Monitor()

  func claim() -> Bool { !isTaken.load(ordering: .relaxed) && !isTaken.exchange(true, ordering: .acquiring) }

  func openLoop(_ count: Int, _ body: SharedLoopBody) {
    (self.count, self.body) = (count, body)
    next.store(0, ordering: .relaxed)
    gate.wrappingSubtract(Self.shut, ordering: .releasing)
  }

  func takeIterations(thread: Int) {
    guard let body else { return }
    while true {
      let iteration = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard iteration < count else { return }
      body(iteration, thread: thread)
    }
  }

  /// Takes part in the loop, if there is one that is open.
  func help(thread: Int) {
    guard gate.load(ordering: .relaxed) < Self.shut else { return }
    if gate.wrappingAdd(1, ordering: .acquiring).oldValue < Self.shut { takeIterations(thread: thread) }
    let before = gate.wrappingSubtract(1, ordering: .releasing).oldValue
    if before == Self.shut + Self.asleep + 1 { monitor.withLock { monitor.wakeAll() } }
  }

  /// Returns when nobody is inside any more, and gives the place back.
  func closeLoop() {
    gate.wrappingAdd(Self.shut, ordering: .relaxed)
    var polls = 0
    while gate.load(ordering: .acquiring) != Self.shut {
      polls += 1
      if polls > OpenLoops.polls { sleepUntilEmpty() }
    }
    body = nil
    isTaken.store(false, ordering: .releasing)
  }

  /// The worker that is the last one out takes the lock to wake the caller, which holds it from where it says that it is
  /// asleep to where it is.
  private func sleepUntilEmpty() {
    monitor.withLock {
      gate.wrappingAdd(Self.asleep, ordering: .relaxed)
      while gate.load(ordering: .acquiring) != Self.shut + Self.asleep { monitor.wait() }
      gate.wrappingSubtract(Self.asleep, ordering: .relaxed)
    }
  }
}

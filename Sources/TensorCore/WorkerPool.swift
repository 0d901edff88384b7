import Platform

/// Threads that run the iterations of parallel loops together.
///
/// A pool of `threads` runs `threads - 1` workers beside the caller. Iterations are handed out by an atomic counter, so
/// that uneven ones balance. Several loops may run at one time, from several callers or within each other: each caller works
/// on its own loop, and the workers help where a loop is open. With k loops open only `threads - k` workers help, so
/// that callers and workers together are not more than `threads` for longer than a loop takes.
///
/// A loop gets what it works on in one of two ways. A closure that captures it is the shorter one; its context is allocated
/// on the heap. The layers of a network, which run some hundred loops a pass, name what their iterations share
/// (`sharing:`): the body gets it as parameters and captures nothing, and the loop lies in the caller's frame.
package final class WorkerPool: Sendable {
  /// Threads that a loop runs on, the caller's own among them; at least 1. Fewer than asked for where the system
  /// refuses to start a thread.
  package let threads: Int

  private let loops: OpenLoops
  private let workers: [SystemThread]

  /// - Parameter threads: Number of threads that share a loop; fewer than 1 counts as 1.
  package init(threads: Int) {
    let loops = OpenLoops(threads: max(threads, 1))
    var workers: [SystemThread] = []
    while workers.count + 1 < threads {
      let index = workers.count + 1
      guard let worker = SystemThread({ loops.work(thread: index) }) else { break }
      workers.append(worker)
    }
    self.threads = workers.count + 1
    self.workers = workers
    self.loops = loops
  }

  /// No loop runs any more: its caller would hold the pool.
  deinit {
    loops.stop()
    for worker in workers { worker.join() }
  }

  /// Runs `body(iteration, thread)` for every iteration in `0..<count`, and returns when all are done.
  ///
  /// `thread` in `0..<threads` tells which of the loop's threads it is, for scratch memory of its own; the caller is 0.
  /// The order of iterations is not defined. What iterations write together goes through a `DisjointBuffer`.
  package func forEach(_ count: Int, _ body: @Sendable (_ iteration: Int, _ thread: Int) -> Void) {
    withoutActuallyEscaping(body) { body in run(count, ClosureLoop(body: body)) }
  }

  /// Runs `body(iteration, thread, shared)` for every iteration in `0..<count`, and returns when all are done.
  ///
  /// - Parameters:
  ///   - shared: What the iterations share, in a tuple as a rule.
  ///   - body: A closure that captures nothing, so that the loop allocates nothing.
  package func forEach<Shared: Sendable>(
    _ count: Int, sharing shared: Shared,
    _ body: @escaping @Sendable (_ iteration: Int, _ thread: Int, _ shared: Shared) -> Void
  ) {
    run(count, SharingLoop(shared: shared, body: body))
  }

  /// Splits `0..<count` into ranges of at least `grain` and runs `body(range, thread)` on each: for loops whose
  /// iterations are too small to be handed out one by one.
  package func forEachRange(
    _ count: Int, grain: Int, _ body: @Sendable (_ range: Range<Int>, _ thread: Int) -> Void
  ) {
    let parts = partCount(count, grain: grain)
    forEach(parts) { part, thread in body(count * part / parts..<count * (part + 1) / parts, thread) }
  }

  /// Splits `0..<count` into ranges of at least `grain` and runs `body(range, thread, shared)` on each.
  ///
  /// - Parameters:
  ///   - shared: What the iterations share, in a tuple as a rule.
  ///   - body: A closure that captures nothing, so that the loop allocates nothing.
  package func forEachRange<Shared: Sendable>(
    _ count: Int, grain: Int, sharing shared: Shared,
    _ body: @escaping @Sendable (_ range: Range<Int>, _ thread: Int, _ shared: Shared) -> Void
  ) {
    let parts = partCount(count, grain: grain)
    run(parts, SharingRangeLoop(count: count, parts: parts, shared: shared, body: body))
  }

  private func partCount(_ count: Int, grain: Int) -> Int {
    count > 0 ? max(min(threads * 4, count / max(grain, 1)), 1) : 0
  }

  private func run(_ count: Int, _ body: borrowing some LoopBody) {
    guard count > 1, !workers.isEmpty, let place = loops.claim() else {
      for iteration in 0..<max(count, 0) { body(iteration, thread: 0) }
      return
    }
    withUnsafePointer(to: body) { loops.run(count, SharedLoopBody($0), in: place) }
  }

  /// The results of `body(iteration, thread)` for every iteration in `0..<count`, in order.
  package func map<Element: Sendable>(
    _ count: Int, _ body: @Sendable (_ iteration: Int, _ thread: Int) -> Element
  ) -> [Element] {
    // To set the count of an array without elements is to write to the one that all of them share.
    guard count > 0 else { return [] }
    return [Element](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      let results = DisjointBuffer(buffer)
      forEach(count) { iteration, thread in results.initialize(iteration, to: body(iteration, thread)) }
      initializedCount = count
    }
  }
}

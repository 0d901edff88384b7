import Glibc
import Synchronization

/// Threads that share out the iterations of a loop. The only place in the package where threads are made.
///
/// A pool of `threads` runs `threads - 1` workers beside the caller. Iterations are dealt by an atomic counter, so
/// uneven ones balance. Two callers at once do not wait for each other: the second runs its loop alone on its own
/// thread, so a process never has more runnable threads than callers plus workers.
package final class WorkerPool: Sendable {
  /// Threads that a loop runs on, the caller's own among them; at least 1. Fewer than asked for where the system
  /// refuses to start a thread.
  package let threads: Int

  private let team: Team
  private let workers: [Worker]

  /// - Parameter threads: How many threads share a loop; fewer than 1 counts as 1.
  package init(threads: Int) {
    let team = Team()
    var workers: [Worker] = []
    while workers.count + 1 < threads, let worker = Worker(index: workers.count + 1, of: team) {
      workers.append(worker)
    }
    self.threads = workers.count + 1
    self.workers = workers
    self.team = team
  }

  deinit {
    team.stop()
    for worker in workers { worker.join() }
  }

  /// The pool that everything in this process which asks for `threads` threads shares.
  package static func shared(threads: Int) -> WorkerPool { pools.pool(threads: threads) }

  private static let pools = SharedPools()

  /// Runs `body(iteration, thread)` for every iteration in `0..<count`, and returns when all are done.
  ///
  /// `thread` in `0..<threads` tells which thread it is, for scratch memory of its own. The order of iterations is not
  /// defined; `body` must not touch what another iteration writes.
  package func forEach(_ count: Int, _ body: (_ iteration: Int, _ thread: Int) -> Void) {
    guard count > 1, !workers.isEmpty, team.enter() else {
      for iteration in 0..<max(count, 0) { body(iteration, 0) }
      return
    }
    team.run(count, body)
    team.leave()
  }

  /// Splits `0..<count` into ranges of at least `grain` and runs `body(range, thread)` on each: for loops whose
  /// iterations are too small to be dealt one by one.
  package func forEachRange(_ count: Int, grain: Int, _ body: (_ range: Range<Int>, _ thread: Int) -> Void) {
    guard count > 0 else { return }
    let parts = max(min(threads * 4, count / max(grain, 1)), 1)
    forEach(parts) { part, thread in body((count * part / parts)..<(count * (part + 1) / parts), thread) }
  }
}

/// The pools that are shared, by their number of threads.
///
/// Audited as `@unchecked Sendable`: the table is only touched under the lock.
private final class SharedPools: @unchecked Sendable {
  private let lock = Lock()
  private var pools: [Int: WorkerPool] = [:]

  func pool(threads: Int) -> WorkerPool {
    lock.withLock {
      if let pool = pools[threads] { return pool }
      let pool = WorkerPool(threads: threads)
      pools[threads] = pool
      return pool
    }
  }
}

/// What the caller and the workers of one pool share.
///
/// Audited as `@unchecked Sendable`: `loop` is written by the one caller that won `busy`, while the gate is shut and
/// nobody is inside. A worker reads it only inside: after it counted itself in and found the gate open (acquire), and
/// before it counts itself out (release). The caller shuts the gate when all iterations are dealt, and does not return
/// before the last worker is out, so the body that it lends stays alive. Workers that come too late find the gate shut,
/// and nobody waits for them.
private final class Team: @unchecked Sendable {
  typealias Body = (Int, Int) -> Void

  private struct Loop {
    let count: Int
    let body: Body
  }

  private let busy = Atomic<Bool>(false)
  /// The number of workers inside, plus `shut` while the gate is.
  private let gate = Atomic<Int>(shut)
  private static let shut = 1 << 32
  /// Counts the loops, to tell workers of a new one.
  private let generation = Atomic<Int>(0)
  private let next = Atomic<Int>(0)
  private let stopped = Atomic<Bool>(false)
  /// The loop that is run, in the caller's frame.
  private var loop: UnsafePointer<Loop>?
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// Rounds of polling before a worker sleeps: loops of one forward pass follow each other within microseconds. Ten and
  /// a hundred times as many made no difference to a pass, measured in turns.
  private static let polls = 4_000

  init() {
    pthread_mutex_init(lock, nil)
    pthread_cond_init(wake, nil)
  }

  deinit {
    pthread_cond_destroy(wake)
    pthread_mutex_destroy(lock)
    wake.deallocate()
    lock.deallocate()
  }

  func enter() -> Bool { !busy.exchange(true, ordering: .acquiring) }
  func leave() { busy.store(false, ordering: .releasing) }

  func run(_ count: Int, _ body: (Int, Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: Loop(count: count, body: body)) { pointer in
        loop = pointer
        next.store(0, ordering: .relaxed)
        gate.wrappingSubtract(Self.shut, ordering: .releasing)
        announce()
        takeIterations(thread: 0)
        gate.wrappingAdd(Self.shut, ordering: .relaxed)
        var polls = 0
        while gate.load(ordering: .acquiring) != Self.shut {
          polls += 1
          if polls > Self.polls { sched_yield() }
        }
        loop = nil
      }
    }
  }

  private func takeIterations(thread: Int) {
    guard let loop else { return }
    while true {
      let iteration = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard iteration < loop.pointee.count else { return }
      loop.pointee.body(iteration, thread)
    }
  }

  /// Tells the workers of a new loop, or of the end.
  private func announce() {
    pthread_mutex_lock(lock)
    generation.wrappingAdd(1, ordering: .releasing)
    pthread_cond_broadcast(wake)
    pthread_mutex_unlock(lock)
  }

  /// A worker's life.
  func work(thread: Int) {
    var seen = 0
    while let current = awaitLoop(after: seen) {
      seen = current
      if gate.wrappingAdd(1, ordering: .acquiring).oldValue < Self.shut { takeIterations(thread: thread) }
      gate.wrappingSubtract(1, ordering: .releasing)
    }
  }

  /// The number of the next loop, or nil when the pool is gone.
  private func awaitLoop(after seen: Int) -> Int? {
    for _ in 0..<Self.polls {
      let current = generation.load(ordering: .acquiring)
      if current != seen { return stopped.load(ordering: .relaxed) ? nil : current }
    }
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while generation.load(ordering: .acquiring) == seen { pthread_cond_wait(wake, lock) }
    return stopped.load(ordering: .relaxed) ? nil : generation.load(ordering: .acquiring)
  }

  func stop() {
    stopped.store(true, ordering: .relaxed)
    announce()
  }
}

/// One thread of a team.
private struct Worker: @unchecked Sendable {
  private final class Start {
    let index: Int
    let team: Team
    init(_ index: Int, _ team: Team) { (self.index, self.team) = (index, team) }
  }

  private let thread: pthread_t

  init?(index: Int, of team: Team) {
    let start = Unmanaged.passRetained(Start(index, team))
    var thread = pthread_t()
    let status = pthread_create(&thread, nil, workerMain, start.toOpaque())
    guard status == 0 else {
      start.release()
      return nil
    }
    self.thread = thread
  }

  func join() { pthread_join(thread, nil) }

  fileprivate static func run(_ argument: UnsafeMutableRawPointer) {
    let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
    start.team.work(thread: start.index)
  }
}

private let workerMain: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
  if let argument { Worker.run(argument) }
  return nil
}

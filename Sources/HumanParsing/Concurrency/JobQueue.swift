import Foundation

/// Threads of their own that run jobs, first come, first served, so that no thread of the cooperative pool is blocked.
///
/// Threads start with the first jobs, up to the queue's width, and end when the queue is freed; jobs that still wait are
/// then run first.
final class JobQueue: Sendable {
  private let worklist: Worklist

  /// - Parameter width: Jobs that run at one time, at least 1.
  init(width: Int) { worklist = Worklist(width: max(width, 1)) }

  deinit { worklist.close() }

  /// Adds a job.
  func add<Value>(_ job: Job<Value>) { worklist.add { job.run() } }

  /// Runs `body` on a thread of the queue and awaits it; cancelling the task cancels the job.
  func run<Value: Sendable>(_ body: @escaping Job<Value>.Body) async throws -> Value {
    let job = Job(body)
    add(job)
    return try await job.value
  }
}

/// The jobs that wait, and the number of threads; outlives its queue until the last thread is done.
///
/// Audited as `@unchecked Sendable`: `state` is touched only while `condition` is locked.
private final class Worklist: @unchecked Sendable {
  private struct State {
    var waiting: [@Sendable () -> Void] = []
    var threads = 0
    /// Threads that wait for a job.
    var idle = 0
    var isClosed = false
  }

  private let condition = NSCondition()
  private var state = State()
  private let width: Int

  init(width: Int) { self.width = width }

  func add(_ job: @escaping @Sendable () -> Void) {
    condition.lock()
    state.waiting.append(job)
    let needsThread = state.idle < state.waiting.count && state.threads < width
    if needsThread { state.threads += 1 }
    condition.signal()
    condition.unlock()
    guard needsThread else { return }
    let thread = Thread { self.work() }
    thread.name = "HumanParser"
    // A secondary thread of Darwin has 512 KiB unless told otherwise.
    thread.stackSize = 8 << 20
    thread.start()
  }

  func close() {
    condition.lock()
    state.isClosed = true
    condition.broadcast()
    condition.unlock()
  }

  private func work() {
    while let job = next() { job() }
  }

  /// The next job; `nil` when the queue is gone and no job waits.
  private func next() -> (@Sendable () -> Void)? {
    condition.lock()
    defer { condition.unlock() }
    state.idle += 1
    defer { state.idle -= 1 }
    while state.waiting.isEmpty, !state.isClosed { condition.wait() }
    return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
  }
}

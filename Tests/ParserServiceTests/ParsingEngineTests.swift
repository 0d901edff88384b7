import Foundation
import HumanParsing
import NIOCore
import ParserService
import Platform
import Testing

/// Queue, cache and cancellation, with work that the tests control.
@Suite(.timeLimit(.minutes(10))) struct ParsingEngineTests {
  /// Work that records its calls and blocks until the gate is opened.
  final class Gate: Sendable {
    private let state = Locked((started: [String](), isOpen: false))

    /// Copied under the lock: a buffer that is shared with the array is read behind it, and the thread sanitizer does not
    /// see that the reader has given it up before the array writes to it.
    var started: [String] { state.withLock { $0.started.map(\.self) } }
    func open() { state.withLock { $0.isOpen = true } }

    func work(_ image: Data, _ options: ParseOptions, _ context: ParsingEngine.WorkContext) throws -> EncodedResponse {
      let name = String(decoding: image, as: UTF8.self)
      state.withLock { $0.started.append(name) }
      while !state.withLock({ $0.isOpen }) {
        try context.check()
        usleep(1000)
      }
      if name == "bad" { throw ServiceError(.badImage, "bad") }
      return EncodedResponse(
        form: options.form, body: ByteBuffer(string: "\(name) on \(context.threads)"), timings: Timings())
    }
  }

  let gate = Gate()

  private func engine(threads: Int = 2, _ change: (inout ServiceLimits) -> Void = { _ in }) -> ParsingEngine {
    var limits = ServiceLimits()
    limits.concurrency = 1
    change(&limits)
    return ParsingEngine(threads: threads, limits: limits, work: gate.work)
  }

  private func ask(
    _ engine: ParsingEngine, _ name: String, options: ParseOptions = ParseOptions(form: .masks),
    within time: Duration = .seconds(60), client: Connection? = nil
  ) async throws -> String {
    let image = Data(name.utf8)
    let (response, cached) = try await engine.response(
      for: image, key: ParseKey(image: image, options: options), within: time, client: client)
    return String(buffer: response.body) + (cached ? " cached" : "")
  }

  /// Code of the error with which a task ends.
  private func code(of task: Task<String, any Error>) async -> ServiceError.Code? {
    if case .failure(let error as ServiceError) = await task.result { error.code } else { nil }
  }

  private func until(_ condition: () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(1)) }
  }

  @Test func sameRequestsAreComputedOnce() async throws {
    let engine = engine()
    defer { engine.stop() }
    async let answers = withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<20 { group.addTask { try await ask(engine, "a") } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    try await until { engine.statistics.joined == 19 }
    gate.open()
    #expect(try await answers == Array(repeating: "a on 2", count: 20))
    #expect(gate.started == ["a"])
    #expect(try await ask(engine, "a") == "a on 2 cached")
    #expect(try await ask(engine, "a", options: ParseOptions(form: .picture(.color))) == "a on 2")
  }

  @Test func aFullQueueRefusesAtOnceAndServesWhatItHolds() async throws {
    let engine = engine { $0.queueLength = 2 }
    defer { engine.stop() }
    let running = Task { try await ask(engine, "a") }
    try await until { gate.started == ["a"] }
    let second = Task { try await ask(engine, "b") }
    let third = Task { try await ask(engine, "c") }
    try await until { engine.statistics.waiting == 2 }
    let refusal = await #expect(throws: ServiceError.self) { try await ask(engine, "d") }
    #expect(refusal?.code == .overloaded)
    #expect(refusal?.retryAfter ?? 0 >= 1)
    gate.open()
    for task in [running, second, third] { _ = try await task.value }
    #expect(!gate.started.contains("d"))
  }

  @Test func whatNobodyWaitsForIsNotStarted() async throws {
    let engine = engine()
    defer { engine.stop() }
    let running = Task { try await ask(engine, "a") }
    try await until { gate.started == ["a"] }
    let client = Connection()
    let left = Task { try await ask(engine, "b", client: client) }
    try await until { engine.statistics.waiting == 1 }
    client.markClosed()
    #expect(await code(of: left) == .clientLeft)
    #expect(engine.statistics.waiting == 0)
    gate.open()
    _ = try await running.value
    #expect(try await ask(engine, "c") == "c on 2")
    #expect(gate.started == ["a", "c"])
  }

  @Test func oneOfTwoClientsMayLeave() async throws {
    let engine = engine()
    defer { engine.stop() }
    let client = Connection()
    let first = Task { try await ask(engine, "a", client: client) }
    let second = Task { try await ask(engine, "a") }
    try await until { engine.statistics.joined == 1 }
    client.markClosed()
    _ = try? await first.value
    gate.open()
    #expect(try await second.value == "a on 2")
    #expect(engine.statistics.abandoned == 0)
  }

  @Test func aClientThatIsGoneAlreadyGetsNothing() async throws {
    let engine = engine()
    defer { engine.stop() }
    let client = Connection()
    client.markClosed()
    #expect(await code(of: Task { try await ask(engine, "a", client: client) }) == .clientLeft)
  }

  @Test func deadlinesEndWaitingAndRunningAlike() async throws {
    let engine = engine()
    defer { engine.stop() }
    let running = Task { try await ask(engine, "a", within: .milliseconds(50)) }
    let waiting = Task { try await ask(engine, "b", within: .milliseconds(50)) }
    #expect(await code(of: running) == .timeout)
    #expect(await code(of: waiting) == .timeout)
    // The running job ends at its next check, although the gate is closed.
    try await until { engine.statistics.running == 0 }
    #expect(engine.statistics.timedOut == 2)
    gate.open()
    #expect(try await ask(engine, "a") == "a on 2")
  }

  @Test func errorsAreForEverybodyAndNotKept() async throws {
    let engine = engine()
    defer { engine.stop() }
    gate.open()
    for _ in 0..<2 {
      #expect(await code(of: Task { try await ask(engine, "bad") }) == .badImage)
    }
    #expect(gate.started == ["bad", "bad"])
    #expect(engine.statistics.failed == 2)
  }

  @Test func picturesBesideEachOtherShareTheThreads() async throws {
    let engine = engine(threads: 4) { $0.concurrency = 2 }
    defer { engine.stop() }
    let first = Task { try await ask(engine, "a") }
    try await until { gate.started.count == 1 }
    let second = Task { try await ask(engine, "b") }
    try await until { gate.started.count == 2 }
    gate.open()
    #expect(try await first.value == "a on 4")
    #expect(try await second.value == "b on 2")
  }

  @Test func stoppingTellsThoseWhoWait() async throws {
    let engine = engine()
    let running = Task { try await ask(engine, "a") }
    let waiting = Task { try await ask(engine, "b") }
    try await until { engine.statistics.running == 1 && engine.statistics.waiting == 1 }
    engine.stop()
    #expect(await code(of: running) == .notReady)
    #expect(await code(of: waiting) == .notReady)
  }

  @Test func cancellingTheTaskLeaves() async throws {
    let engine = engine()
    defer { engine.stop() }
    let task = Task { try await ask(engine, "a") }
    try await until { gate.started == ["a"] }
    task.cancel()
    await #expect(throws: ServiceError.self) { try await task.value }
    try await until { engine.statistics.running == 0 }
  }
}

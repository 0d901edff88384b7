import Foundation
import Synchronization
import TensorCore
import Testing

@Suite(.timeLimit(.minutes(10))) struct WorkerPoolTests {
  static let threadCounts = [-1, 0, 1, 2, 3, 8]
  static let loopCounts = [-3, 0, 1, 2, 3, 7, 100, 10_000]

  /// Runs a loop and returns how often each iteration was seen, or nil where a thread was out of range.
  private func counts(_ pool: WorkerPool, _ count: Int) -> [Int]? {
    var seen = [Int](repeating: 0, count: max(count, 0))
    let strays = Atomic<Int>(0)
    seen.withUnsafeMutableBufferPointer { seen in
      let seen = DisjointBuffer(seen)
      pool.forEach(count) { iteration, thread in
        seen[iteration] += 1
        if !(0..<pool.threads).contains(thread) { strays.wrappingAdd(1, ordering: .relaxed) }
      }
    }
    return strays.load(ordering: .relaxed) == 0 ? seen : nil
  }

  @Test(arguments: threadCounts, loopCounts) func runsEveryIterationOnce(_ threads: Int, _ count: Int) {
    let pool = WorkerPool(threads: threads)
    #expect(pool.threads == max(threads, 1))
    for _ in 0..<20 { #expect(counts(pool, count) == [Int](repeating: 1, count: max(count, 0))) }
  }

  @Test(arguments: threadCounts, [1, 7, 1000]) func splitsIntoRanges(_ threads: Int, _ grain: Int) {
    let pool = WorkerPool(threads: threads)
    for count in [-1, 0, 1, 6, 7, 8, 999, 5000] {
      let total = Atomic<Int>(0)
      let shortest = Atomic<Int>(.max)
      pool.forEachRange(count, grain: grain) { range, _ in
        total.wrappingAdd(range.reduce(0) { $0 + $1 + 1 }, ordering: .relaxed)
        shortest.min(range.count, ordering: .relaxed)
      }
      let expected = max(count, 0) * (max(count, 0) + 1) / 2
      #expect(total.load(ordering: .relaxed) == expected)
      #expect(count <= 0 || shortest.load(ordering: .relaxed) >= min(grain, count))
    }
  }

  @Test(arguments: threadCounts, loopCounts) func handsOutWhatIterationsShare(_ threads: Int, _ count: Int) {
    let pool = WorkerPool(threads: threads)
    var squares = [Int](repeating: -1, count: max(count, 0))
    squares.withUnsafeMutableBufferPointer { squares in
      let label = "shared"
      pool.forEach(count, sharing: (DisjointBuffer(squares), label, Optional<Int>.none)) { index, _, shared in
        let (squares, label, none) = shared
        squares[index] = none ?? index * index + label.count
      }
    }
    #expect(squares == (0..<max(count, 0)).map { $0 * $0 + 6 })
  }

  @Test(arguments: threadCounts, loopCounts) func handsOutWhatRangesShare(_ threads: Int, _ count: Int) {
    let pool = WorkerPool(threads: threads)
    var seen = [Int](repeating: 0, count: max(count, 0))
    seen.withUnsafeMutableBufferPointer { seen in
      pool.forEachRange(count, grain: 3, sharing: (DisjointBuffer(seen), 2)) { range, _, shared in
        let (seen, step) = shared
        for index in range { seen[index] += step }
      }
    }
    #expect(seen == [Int](repeating: 2, count: max(count, 0)))
  }

  /// A loop that shares an object keeps it while it runs, and no longer.
  @Test func letsGoOfWhatIterationsShared() {
    let pool = WorkerPool(threads: 3)
    weak var shared: Counter?
    do {
      let counter = Counter()
      shared = counter
      pool.forEach(100, sharing: SharedCounter(counter: counter)) { _, _, shared in
        if shared.counter.value != 0 { Issue.record("expected the counter that was shared") }
      }
    }
    #expect(shared == nil)
  }

  /// A thread's scratch is its own: no two iterations run on the same thread at the same time.
  @Test func givesEachThreadANumberOfItsOwn() {
    let pool = WorkerPool(threads: 4)
    let clashes = Atomic<Int>(0)
    let counters = PerThread(pool) { Counter() }
    for _ in 0..<50 {
      pool.forEach(200) { _, thread in
        counters[thread].value += 1
        if counters[thread].value != 1 { clashes.wrappingAdd(1, ordering: .relaxed) }
        counters[thread].value -= 1
      }
    }
    #expect(clashes.load(ordering: .relaxed) == 0)
  }

  @Test func bearsLoopsWithinLoops() {
    let pool = WorkerPool(threads: 3)
    let total = Atomic<Int>(0)
    pool.forEach(20) { _, _ in
      pool.forEach(10) { _, _ in
        pool.forEachRange(7, grain: 2) { range, _ in total.wrappingAdd(range.count, ordering: .relaxed) }
      }
    }
    #expect(total.load(ordering: .relaxed) == 20 * 10 * 7)
  }

  @Test func servesCallersAtTheSameTime() async {
    let pool = WorkerPool(threads: 3)
    let sums = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let total = Atomic<Int>(0)
          for _ in 0..<200 {
            pool.forEach(17) { iteration, _ in total.wrappingAdd(iteration + 1, ordering: .relaxed) }
          }
          return total.load(ordering: .relaxed)
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(sums == [Int](repeating: 200 * 17 * 18 / 2, count: 4))
  }

  /// Callers that outnumber the places for loops, loops within loops, and pools that come and go meanwhile.
  @Test(.timeLimit(.minutes(10)), arguments: [1, 2, 3, 5]) func staysCorrectUnderStress(_ threads: Int) async {
    let pool = WorkerPool(threads: threads)
    let failures = await withTaskGroup(of: Int.self) { group in
      for caller in 0..<12 {
        group.addTask {
          let pool = caller % 4 == 3 ? WorkerPool(threads: threads + 1) : pool
          return (0..<60).count { round in !isRight(pool, outer: 1 + (caller + round) % 9, inner: (round * 7) % 23) }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(failures == 0)
  }

  /// Whether loops within a loop see each of their iterations once.
  private func isRight(_ pool: WorkerPool, outer: Int, inner: Int) -> Bool {
    let sums = pool.map(outer) { iteration, _ in
      let total = Atomic<Int>(0)
      pool.forEach(inner) { index, _ in total.wrappingAdd(index + iteration, ordering: .relaxed) }
      return total.load(ordering: .relaxed)
    }
    return sums == (0..<outer).map { inner * (inner - 1) / 2 + inner * $0 }
  }

  /// A worker that is in the middle of an iteration keeps its caller waiting, and nobody else.
  @Test(.timeLimit(.minutes(10))) func waitsForSlowIterations() {
    let pool = WorkerPool(threads: 3)
    for _ in 0..<5 {
      let done = Atomic<Int>(0)
      pool.forEach(3) { iteration, _ in
        if iteration > 0 { usleep(20_000) }
        done.wrappingAdd(1, ordering: .relaxed)
      }
      #expect(done.load(ordering: .relaxed) == 3)
    }
  }

  @Test func mapsInOrder() {
    let pool = WorkerPool(threads: 3)
    for count in [-1, 0, 1, 2, 100] {
      #expect(pool.map(count) { iteration, _ in "\(iteration)" } == (0..<max(count, 0)).map { "\($0)" })
    }
  }

  @Test func wakesFromSleep() {
    let pool = WorkerPool(threads: 3)
    for _ in 0..<5 {
      usleep(3000)
      #expect(counts(pool, 50) == [Int](repeating: 1, count: 50))
    }
  }

  @Test func endsItsThreads() {
    for round in 0..<100 {
      let pool = WorkerPool(threads: 4)
      if round % 2 == 0 { #expect(counts(pool, 9) == [Int](repeating: 1, count: 9)) }
    }
  }

  @Test func isFreedWhenNobodyHoldsIt() {
    weak var pool: WorkerPool?
    pool = WorkerPool.shared(threads: 7)
    #expect(pool == nil)
    let held = WorkerPool.shared(threads: 7)
    #expect(WorkerPool.shared(threads: 7) === held)
  }

  @Test func isShared() {
    #expect(WorkerPool.shared(threads: 2) === WorkerPool.shared(threads: 2))
    #expect(WorkerPool.shared(threads: 2) !== WorkerPool.shared(threads: 1))
  }
}

private final class Counter { var value = 0 }

/// Only read while a loop runs.
private struct SharedCounter: @unchecked Sendable { let counter: Counter }

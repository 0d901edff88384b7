import CAllocationCount
import M2FP
import Measuring
import TensorCore
import TensorKernels

/// Runs a network at a size and watches it.
struct EngineBench {
  let network: M2FPNetwork
  /// Passes to take medians of.
  let passes: Int

  func measure(_ size: InputSize, threads: Int, peakGigaflops: Double) throws -> EngineRun {
    let arena = Arena()
    let execution = Execution(arena: arena, pool: WorkerPool(threads: threads))
    ProcessMemory.resetPeak()
    try pass(size, execution)
    let growths = arena.growths
    let timers = try (0..<passes).map { _ in
      let timer = StageTimer()
      try pass(size, execution, timer)
      return timer
    }
    let allocations = try countAllocations(size, execution)
    let work = NetworkWork(network.configuration, size: size)
    let stages = timers[0].stages.indices.map { index in
      let name = timers[0].stages[index].name
      return StageRun(
        name: name, seconds: median(timers.map { $0.stages[index].seconds }), work: work[name] ?? Work())
    }
    return EngineRun(
      size: size, threads: execution.pool.threads, passes: passes, stages: stages,
      forward: StageRun(name: "forward", seconds: median(timers.map(\.total)), work: work.total),
      bestSeconds: timers.map(\.total).min() ?? 0, peakGigaflops: peakGigaflops, arenaBytes: arena.byteCount,
      arenaGrowths: arena.growths - growths, allocations: allocations, peakResidentBytes: ProcessMemory.peak)
  }

  private func pass(_ size: InputSize, _ execution: Execution, _ timer: StageTimer? = nil) throws {
    let input = execution.arena.tensor(height: size.height, width: size.width, channels: 3)
    fill(input.map)
    timer?.start()
    _ = try network(input, execution, observer: timer.map { $0.observe })
    timer?.finish()
    execution.arena.consolidate()
  }

  /// Those of a pass without an observer, whose own do not count.
  private func countAllocations(_ size: InputSize, _ execution: Execution) throws -> Int? {
    guard allocation_count_is_available() else { return nil }
    allocation_count_start()
    defer { _ = allocation_count_stop() }
    try pass(size, execution)
    return allocation_count_stop()
  }

  /// Pixels of no particular picture, normalized.
  private func fill(_ image: FeatureMap) {
    var generator = SplitMix64(seed: 1)
    for index in 0..<image.count { image.base[index] = Float.random(in: -2...2, using: &generator) }
  }
}

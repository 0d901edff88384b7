import BenchmarkSupport
import CAllocationCount
import M2FP
import Platform
import TensorCore
import TensorKernels

/// Measures time, memory and allocations of a network's forward pass.
struct EngineBench {
  let network: M2FPNetwork
  /// Number of measured passes.
  let passes: Int

  /// - Parameter integers: Instructions of the int8 products; `nil` for a network without int8 layers.
  func measure(_ size: InputSize, threads: Int, _ integers: IntegerInstructionSet?) throws -> EngineRun {
    let arena = Arena()
    let context = ExecutionContext(arena: arena, pool: WorkerPool(threads: threads))
    ProcessMemory.resetPeak()
    try pass(size, context)
    let growths = arena.growths
    let timers = try (0..<passes).map { _ in
      let timer = StageTimer()
      try pass(size, context, timer)
      return timer
    }
    let allocations = try countAllocations(size, context)
    let peakResidentBytes = ProcessMemory.peak
    let operations = NetworkOperations(network.configuration, size: size)
    let stages = timers[0].stages.indices.map { index in
      let name = timers[0].stages[index].name
      return StageRun(
        name: name, seconds: median(timers.map { $0.stages[index].seconds }),
        operations: operations[name] ?? OperationCount())
    }
    return EngineRun(
      size: size, threads: context.pool.threads, passes: passes, stages: stages,
      forward: StageRun(name: "forward", seconds: median(timers.map(\.total)), operations: operations.total),
      bestSeconds: timers.map(\.total).min() ?? 0, peakGigaflops: PeakRate.gigaflops(threads: threads),
      peakGigaops: integers.map { PeakRate.gigaops(threads: threads, $0) }, arenaBytes: arena.byteCount,
      arenaGrowths: arena.growths - growths, allocations: allocations, peakResidentBytes: peakResidentBytes)
  }

  private func pass(_ size: InputSize, _ context: ExecutionContext, _ timer: StageTimer? = nil) throws {
    let input = SyntheticPicture.tensor(size, arena: context.arena)
    timer?.start()
    _ = try network(input, context, forwardHook: timer.map { $0.observe })
    timer?.finish()
    context.arena.consolidate()
  }

  /// Heap allocations of a pass without a forward hook, since the hook allocates, too.
  private func countAllocations(_ size: InputSize, _ context: ExecutionContext) throws -> Int? {
    guard allocation_count_is_available() else { return nil }
    allocation_count_start()
    defer { _ = allocation_count_stop() }
    try pass(size, context)
    return allocation_count_stop()
  }
}

package import TensorCore

/// Resources of a forward pass: memory for its activations and scratch, threads for its loops, the instructions of its
/// kernels, and the arithmetic of its products of activations with each other. Layers with weights keep to the
/// instructions and the arithmetic that they were packed for.
package struct ExecutionContext {
  package let arena: Arena
  package let pool: WorkerPool
  package let instructions: InstructionSet
  package let arithmetic: Arithmetic
  /// Observer of the layers' inputs; `nil` except in calibration.
  package let observer: (any LayerObserver)?

  package init(
    arena: Arena, pool: WorkerPool, instructions: InstructionSet = .best, arithmetic: Arithmetic = .fastest,
    observer: (any LayerObserver)? = nil
  ) {
    self.arena = arena
    self.pool = pool
    self.instructions = instructions
    self.arithmetic = arithmetic
    self.observer = observer
  }

  /// The same with another arithmetic.
  package func with(_ arithmetic: Arithmetic) -> ExecutionContext {
    ExecutionContext(arena: arena, pool: pool, instructions: instructions, arithmetic: arithmetic, observer: observer)
  }

  /// Runs `body` for every block of rows in `0..<count`, shared out over the pool.
  ///
  /// An observer is shown whole matrices, so where there is one there is one block, and its body runs on the caller's
  /// thread and gets the context as `observed`.
  func forEachBlock(
    _ count: Int, _ body: @Sendable (_ block: Int, _ thread: Int, _ observed: ExecutionContext?) -> Void
  ) {
    if observer == nil {
      pool.forEach(count) { block, thread in body(block, thread, nil) }
    } else {
      for block in 0..<count { body(block, 0, self) }
    }
  }
}

/// The smallest multiple of `step` that is not below `value`.
@inline(__always)
func roundUp(_ value: Int, to step: Int) -> Int { (value + step - 1) / step * step }

/// Rounding of matrix products.
package enum Arithmetic: Sendable {
  /// The fastest of the processor: fused multiply-adds where it has them, and algorithms with fewer multiplications.
  case fastest
  /// Separate multiplications and additions in one order of summation: the same bits on every processor.
  case reproducible
}

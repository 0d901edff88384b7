package import TensorCore

/// Resources of a forward pass: memory for its activations and scratch, threads for its loops, the backend of its
/// kernels, and the arithmetic of its products of activations with each other. Layers with weights keep to the
/// backend and the arithmetic that they were packed for.
package struct ExecutionContext {
  package let arena: Arena
  package let pool: WorkerPool
  package let backend: KernelBackend
  package let arithmetic: Arithmetic
  /// Observer of the layers' inputs; `nil` except in calibration.
  package let observer: (any LayerObserver)?

  package init(
    arena: Arena, pool: WorkerPool, backend: KernelBackend = .best, arithmetic: Arithmetic = .fastest,
    observer: (any LayerObserver)? = nil
  ) {
    self.arena = arena
    self.pool = pool
    self.backend = backend
    self.arithmetic = arithmetic
    self.observer = observer
  }

  /// The vector instructions of kernels that are no products of matrices.
  package var instructions: InstructionSet { backend.instructions }

  var gemm: GEMM { backend.gemm(arithmetic) }

  /// The same with another arithmetic.
  package func with(_ arithmetic: Arithmetic) -> ExecutionContext {
    ExecutionContext(arena: arena, pool: pool, backend: backend, arithmetic: arithmetic, observer: observer)
  }

  /// The context if it has an observer.
  var observed: ObservedContext? { observer == nil ? nil : ObservedContext(context: self) }
}

/// A context with an observer, for loops over blocks of rows.
///
/// Audited as `@unchecked Sendable`: an observer is shown whole matrices, so where there is one, there is one block, which
/// the caller's own thread runs.
struct ObservedContext: @unchecked Sendable {
  let context: ExecutionContext
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

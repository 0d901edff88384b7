import TensorCore
import TensorKernels
import TestSupport
import Testing

extension GuardedMatrix {
  /// Expects that nothing was written beside the matrix.
  func expectGuardsIntact(sourceLocation: SourceLocation = #_sourceLocation) {
    guard let (row, column) = damage else { return }
    Issue.record("written beside the matrix at row \(row), column \(column)", sourceLocation: sourceLocation)
  }
}

extension GuardedBytes {
  /// Expects that nothing was written beside the map.
  func expectGuardsIntact(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(isIntact, "written beside the map", sourceLocation: sourceLocation)
  }
}

/// Thread counts that every kernel is tried with.
let threadCounts = [1, 2, 3]

/// Runs the body with pools of 1, 2 and 3 threads.
func withExecutions(_ body: (ExecutionContext) throws -> Void) rethrows {
  for threads in threadCounts {
    for backend in KernelBackend.available {
      try body(ExecutionContext(arena: Arena(), pool: WorkerPool(threads: threads), backend: backend))
    }
  }
}

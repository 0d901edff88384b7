/// Body of a parallel loop.
protocol LoopBody: Sendable {
  func callAsFunction(_ iteration: Int, thread: Int)
}

/// A closure and the values that its iterations share.
struct LoopFrame<each Value: Sendable>: LoopBody {
  let values: (repeat each Value)
  let body: @Sendable (_ iteration: Int, _ thread: Int, repeat each Value) -> Void

  func callAsFunction(_ iteration: Int, thread: Int) { body(iteration, thread, repeat each values) }
}

/// The same with a closure that takes ranges of `0..<count`, one of `parts` an iteration.
struct RangeLoopFrame<each Value: Sendable>: LoopBody {
  let count: Int
  let parts: Int
  let values: (repeat each Value)
  let body: @Sendable (_ range: Range<Int>, _ thread: Int, repeat each Value) -> Void

  func callAsFunction(_ iteration: Int, thread: Int) {
    body(count * iteration / parts..<count * (iteration + 1) / parts, thread, repeat each values)
  }
}

/// The address of a loop's body in its caller's frame, and its type: what the threads of a loop share without a copy and
/// without memory of the heap.
///
/// Audited as `@unchecked Sendable`: bodies are `Sendable` and are only read; the caller keeps its frame until no
/// thread is inside of the loop.
struct SharedLoopBody: @unchecked Sendable {
  private let body: UnsafeRawPointer
  private let type: any LoopBody.Type

  init<Body: LoopBody>(_ body: UnsafePointer<Body>) {
    self.body = UnsafeRawPointer(body)
    type = Body.self
  }

  func callAsFunction(_ iteration: Int, thread: Int) { type.call(body, iteration, thread: thread) }
}

extension LoopBody {
  fileprivate static func call(_ body: UnsafeRawPointer, _ iteration: Int, thread: Int) {
    body.assumingMemoryBound(to: Self.self).pointee(iteration, thread: thread)
  }
}

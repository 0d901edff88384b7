/// Body of a parallel loop.
protocol LoopBody: Sendable {
  func callAsFunction(_ iteration: Int, thread: Int)
}

/// A closure that captures what it works on.
struct ClosureLoop: LoopBody {
  let body: @Sendable (_ iteration: Int, _ thread: Int) -> Void

  func callAsFunction(_ iteration: Int, thread: Int) { body(iteration, thread) }
}

/// A closure that captures nothing, and what its iterations share.
struct SharingLoop<Shared: Sendable>: LoopBody {
  let shared: Shared
  let body: @Sendable (_ iteration: Int, _ thread: Int, _ shared: Shared) -> Void

  func callAsFunction(_ iteration: Int, thread: Int) { body(iteration, thread, shared) }
}

/// The same with a closure that takes ranges of `0..<count`, one of `parts` an iteration.
struct SharingRangeLoop<Shared: Sendable>: LoopBody {
  let count: Int
  let parts: Int
  let shared: Shared
  let body: @Sendable (_ range: Range<Int>, _ thread: Int, _ shared: Shared) -> Void

  func callAsFunction(_ iteration: Int, thread: Int) {
    body(count * iteration / parts..<count * (iteration + 1) / parts, thread, shared)
  }
}

/// The address of a loop's body in its caller's frame, and how to call it: what the threads of a loop share without a copy
/// and without memory of the heap.
///
/// Audited as `@unchecked Sendable`: bodies are `Sendable` and are only read; the caller keeps its frame until no
/// thread is inside of the loop.
struct SharedLoopBody: @unchecked Sendable {
  private let body: UnsafeRawPointer

  // A closure would capture its generic type on the heap, where it is not specialized. Embedded Swift, which has no such
  // types at run time, specializes all.
  #if hasFeature(Embedded)
    private let call: @Sendable (_ body: UnsafeRawPointer, _ iteration: Int, _ thread: Int) -> Void

    init<Body: LoopBody>(_ body: UnsafePointer<Body>) {
      self.body = UnsafeRawPointer(body)
      call = { Body.call($0, $1, thread: $2) }
    }

    func callAsFunction(_ iteration: Int, thread: Int) { call(body, iteration, thread) }
  #else
    private let type: any LoopBody.Type

    init<Body: LoopBody>(_ body: UnsafePointer<Body>) {
      self.body = UnsafeRawPointer(body)
      type = Body.self
    }

    func callAsFunction(_ iteration: Int, thread: Int) { type.call(body, iteration, thread: thread) }
  #endif
}

extension LoopBody {
  fileprivate static func call(_ body: UnsafeRawPointer, _ iteration: Int, thread: Int) {
    body.assumingMemoryBound(to: Self.self).pointee(iteration, thread: thread)
  }
}

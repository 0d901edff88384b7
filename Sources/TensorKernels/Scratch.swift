import TensorCore

/// Layout of a thread's scratch memory: parts of any element types, each of which starts at a multiple of 64 bytes.
struct ScratchLayout: Sendable {
  /// A part of the scratch memory.
  struct Part<Element: BitwiseCopyable>: Sendable {
    fileprivate let offset: Int
    /// Number of elements.
    let count: Int
  }

  /// Size of all parts.
  private(set) var byteCount = 0

  mutating func add<Element: BitwiseCopyable>(_: Element.Type, count: Int) -> Part<Element> {
    let part = Part<Element>(offset: byteCount, count: count)
    byteCount += roundUp(count * MemoryLayout<Element>.stride, to: 64)
    return part
  }

  /// Extends the layout so that another one fits in its place, for parts that are not used at the same time.
  mutating func overlap(_ other: ScratchLayout) { byteCount = max(byteCount, other.byteCount) }
}

/// Scratch memory of one thread; must not outlive the `Scratch` that it belongs to.
struct ThreadScratch {
  fileprivate let base: UnsafeMutableRawPointer

  /// The elements of a part, contents undefined.
  subscript<Element>(part: ScratchLayout.Part<Element>) -> UnsafeMutablePointer<Element> {
    (base + part.offset).bindMemory(to: Element.self, capacity: part.count)
  }
}

/// Scratch memory of all threads of a pool, freed at the end of its lifetime.
struct Scratch: ~Copyable {
  /// Addresses for the threads; must not outlive the scratch memory.
  ///
  /// Audited as `@unchecked Sendable`: each thread uses a block of its own.
  struct Threads: @unchecked Sendable {
    fileprivate let base: UnsafeMutableRawPointer
    fileprivate let stride: Int

    subscript(thread: Int) -> ThreadScratch { ThreadScratch(base: base + thread * stride) }
  }

  private let memory: ArenaMemory
  private let stride: Int

  fileprivate init(_ layout: ScratchLayout, threads: Int, _ arena: Arena) {
    stride = layout.byteCount
    memory = arena.memory(byteCount: threads * stride)
  }

  var threads: Threads { Threads(base: memory.pointer, stride: stride) }
}

extension ExecutionContext {
  /// Scratch memory for each thread of the pool.
  func scratch(_ layout: ScratchLayout) -> Scratch { Scratch(layout, threads: pool.threads, arena) }
}

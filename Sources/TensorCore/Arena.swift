/// Memory of one forward pass: lends blocks of raw bytes, first fit, and takes them back in any order.
///
/// The first pass at a size finds out how much it needs, and grows by slabs meanwhile. `consolidate`, called between
/// passes, makes one slab that is just long enough, so that every later pass of that size allocates nothing. One pass at
/// a time uses an arena: it is not `Sendable`.
package final class Arena {
  private struct Block {
    /// Place on the line of all slabs.
    var place: Range<Int>
    /// Place that it would have in a single slab without end.
    var planned: Range<Int>
  }

  private var slabs: [UnsafeMutableRawBufferPointer] = []
  /// Slab k takes the places from k · `slabSpacing` on, so that no two slabs touch.
  private var freeList = FreeList()
  private var allocated: [UnsafeMutableRawPointer: Block] = [:]
  private var inUse = 0

  /// Free list of a single slab without end, under the same requests. First fit puts a block at the same place in
  /// any slab that reaches at least as far, so a slab of `plannedEnd` serves the same requests again to the last byte.
  private var plannedFreeList = FreeList([0..<slabSpacing])
  private var plannedEnd = 0

  /// Most bytes allocated at one time since the last `consolidate`.
  package private(set) var highWater = 0
  /// Number of slabs allocated since the arena was made.
  package private(set) var growths = 0

  /// Alignment of blocks in bytes: a line of the caches, and the widest vector.
  private static let alignment = 64
  private static let smallestSlab = 4 << 20
  private static let slabSpacing = 1 << 42

  package init() { allocated.reserveCapacity(256) }

  deinit {
    assert(allocated.isEmpty, "an activation outlives its arena")
    for slab in slabs { slab.deallocate() }
  }

  /// Size of all slabs in bytes.
  package var byteCount: Int { slabs.reduce(0) { $0 + $1.count } }

  fileprivate func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let count = max((byteCount + Self.alignment - 1) / Self.alignment, 1) * Self.alignment
    let place = freeList.allocate(count) ?? grow(by: count)
    let planned = plannedFreeList.allocate(count) ?? 0
    plannedEnd = max(plannedEnd, planned + count)
    inUse += count
    highWater = max(highWater, inUse)
    let pointer = slabs[place / Self.slabSpacing].start(at: place % Self.slabSpacing)
    allocated[pointer] = Block(place: place..<place + count, planned: planned..<planned + count)
    return pointer
  }

  fileprivate func free(_ pointer: UnsafeMutableRawPointer) {
    guard let block = allocated.removeValue(forKey: pointer) else {
      return assertionFailure("not allocated by this arena")
    }
    inUse -= block.place.count
    freeList.free(block.place)
    plannedFreeList.free(block.planned)
  }

  /// Replaces several slabs by one, just long enough for any of the passes since the last call.
  ///
  /// - Precondition: No block is allocated: call it between passes.
  package func consolidate() {
    assert(allocated.isEmpty, "consolidated during a pass")
    guard allocated.isEmpty else { return }
    if slabs.count(where: { !$0.isEmpty }) > 1 {
      for slab in slabs { slab.deallocate() }
      slabs.removeAll(keepingCapacity: true)
      freeList = FreeList()
      freeList.free(addSlab(plannedEnd))
    }
    (highWater, plannedEnd) = (0, 0)
  }

  /// Adds a slab of at least `count` bytes, and returns the place of its first `count`.
  ///
  /// Slabs in which nothing is allocated are too short and are freed, so that the first pass at a size needs little more
  /// than the next one.
  private func grow(by count: Int) -> Int {
    for index in slabs.indices where !slabs[index].isEmpty {
      let places = index * Self.slabSpacing..<index * Self.slabSpacing + slabs[index].count
      guard freeList.remove(places) else { continue }
      slabs[index].deallocate()
      slabs[index] = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }
    let slab = addSlab(max(count, Self.smallestSlab))
    let rest = slab.lowerBound + count..<slab.upperBound
    if !rest.isEmpty { freeList.free(rest) }
    return slab.lowerBound
  }

  private func addSlab(_ count: Int) -> Range<Int> {
    let start = slabs.count * Self.slabSpacing
    slabs.append(.allocate(byteCount: count, alignment: Self.alignment))
    growths += 1
    return start..<start + count
  }
}

extension UnsafeMutableRawBufferPointer {
  fileprivate func start(at offset: Int) -> UnsafeMutableRawPointer {
    guard let baseAddress else { preconditionFailure("a slab has memory") }
    return baseAddress + offset
  }
}

/// Raw bytes of an `Arena`, 64-byte aligned, contents undefined, which are freed at the end of this value's lifetime.
///
/// Whoever holds the memory binds it to the types of the elements that it keeps there.
package struct ArenaMemory: ~Copyable {
  package let pointer: UnsafeMutableRawPointer
  package let byteCount: Int
  private let arena: Arena

  fileprivate init(byteCount: Int, _ arena: Arena) {
    pointer = arena.allocate(byteCount)
    self.byteCount = byteCount
    self.arena = arena
  }

  deinit { arena.free(pointer) }
}

extension Arena {
  package func memory(byteCount: Int) -> ArenaMemory { ArenaMemory(byteCount: byteCount, self) }
}

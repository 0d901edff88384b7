/// Memory of one forward pass: allocates blocks of fp32 elements first fit, and frees them in any order.
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

  private var slabs: [UnsafeMutableBufferPointer<Float>] = []
  /// Slab k takes the places from k · `slabSpacing` on, so that no two slabs touch.
  private var freeList = FreeList()
  private var allocated: [UnsafeMutablePointer<Float>: Block] = [:]
  private var inUse = 0

  /// Free list of a single slab without end, under the same requests. First fit puts a block at the same place in
  /// any slab that reaches at least as far, so a slab of `plannedEnd` serves the same requests again to the last float.
  private var plannedFreeList = FreeList([0..<slabSpacing])
  private var plannedEnd = 0

  /// Most elements allocated at one time since the last `consolidate`.
  package private(set) var highWater = 0
  /// Number of slabs allocated since the arena was made.
  package private(set) var growths = 0

  /// Elements per 64 bytes, at multiples of which blocks start.
  private static let granule = 16
  private static let smallestSlab = 1 << 20
  private static let slabSpacing = 1 << 40

  package init() { allocated.reserveCapacity(256) }

  deinit {
    assert(allocated.isEmpty, "an activation outlives its arena")
    for slab in slabs { slab.deallocate64() }
  }

  /// Size of all slabs in bytes.
  package var byteCount: Int { slabs.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride }

  func allocate(_ elements: Int) -> UnsafeMutablePointer<Float> {
    let count = max((elements + Self.granule - 1) / Self.granule, 1) * Self.granule
    let place = freeList.allocate(count) ?? grow(by: count)
    let planned = plannedFreeList.allocate(count) ?? 0
    plannedEnd = max(plannedEnd, planned + count)
    inUse += count
    highWater = max(highWater, inUse)
    let pointer = slabs[place / Self.slabSpacing].start(at: place % Self.slabSpacing)
    allocated[pointer] = Block(place: place..<place + count, planned: planned..<planned + count)
    return pointer
  }

  func free(_ pointer: UnsafeMutablePointer<Float>) {
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
      for slab in slabs { slab.deallocate64() }
      slabs.removeAll(keepingCapacity: true)
      freeList = FreeList()
      freeList.free(addSlab(plannedEnd))
    }
    (highWater, plannedEnd) = (0, 0)
  }

  /// Adds a slab of at least `count` elements, and returns the place of its first `count`.
  ///
  /// Slabs in which nothing is allocated are too short and are freed, so that the first pass at a size needs little more than the
  /// next one.
  private func grow(by count: Int) -> Int {
    for index in slabs.indices where !slabs[index].isEmpty {
      let places = index * Self.slabSpacing..<index * Self.slabSpacing + slabs[index].count
      guard freeList.remove(places) else { continue }
      slabs[index].deallocate64()
      slabs[index] = UnsafeMutableBufferPointer(start: nil, count: 0)
    }
    let slab = addSlab(max(count, Self.smallestSlab))
    let rest = slab.lowerBound + count..<slab.upperBound
    if !rest.isEmpty { freeList.free(rest) }
    return slab.lowerBound
  }

  private func addSlab(_ count: Int) -> Range<Int> {
    let start = slabs.count * Self.slabSpacing
    slabs.append(.allocate64(count))
    growths += 1
    return start..<start + count
  }
}

extension UnsafeMutableBufferPointer<Float> {
  fileprivate static func allocate64(_ count: Int) -> Self {
    let raw = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
    return Self(start: raw.bindMemory(to: Float.self, capacity: count), count: count)
  }

  fileprivate func deallocate64() { UnsafeMutableRawPointer(baseAddress)?.deallocate() }

  fileprivate func start(at offset: Int) -> UnsafeMutablePointer<Float> {
    guard let baseAddress else { preconditionFailure("a slab has memory") }
    return baseAddress + offset
  }
}

/// The memory of one forward pass: lends blocks of floats and takes them back in any order, first fit.
///
/// The first pass at a size finds out how much it needs, and grows by slabs meanwhile. `consolidate`, called between
/// passes, makes one slab that is just long enough, so that every later pass of that size allocates nothing. One pass at
/// a time uses an arena: it is not `Sendable`.
package final class Arena {
  private struct Block {
    /// Where it lies on the line of all slabs.
    var place: Range<Int>
    /// Where it would lie if there were one slab without end.
    var planned: Range<Int>
  }

  private var slabs: [UnsafeMutableBufferPointer<Float>] = []
  /// Slab k takes the places from k · `slabSpacing` on, so that no two slabs touch.
  private var free = FreeList()
  private var lent: [UnsafeMutablePointer<Float>: Block] = [:]
  private var inUse = 0

  /// What would be free in one slab without end, under the same requests. First fit puts a block at the same place in
  /// any slab that reaches at least as far, so a slab of `plannedEnd` serves the same requests again to the last float.
  private var plan = FreeList([0..<slabSpacing])
  private var plannedEnd = 0

  /// The most elements lent at one time since the last `consolidate`.
  package private(set) var highWater = 0
  /// How many times memory was taken from the system, since the arena was made.
  package private(set) var growths = 0

  /// Blocks start at multiples of 64 bytes.
  private static let granule = 16
  private static let smallestSlab = 1 << 20
  private static let slabSpacing = 1 << 40

  package init() { lent.reserveCapacity(256) }

  deinit {
    assert(lent.isEmpty, "an activation outlives its arena")
    for slab in slabs { slab.deallocate64() }
  }

  /// Bytes taken from the system.
  package var byteCount: Int { slabs.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride }

  func allocate(_ elements: Int) -> UnsafeMutablePointer<Float> {
    let count = max((elements + Self.granule - 1) / Self.granule, 1) * Self.granule
    let place = free.take(count) ?? grow(by: count)
    let planned = plan.take(count) ?? 0
    plannedEnd = max(plannedEnd, planned + count)
    inUse += count
    highWater = max(highWater, inUse)
    let pointer = slabs[place / Self.slabSpacing].start(at: place % Self.slabSpacing)
    lent[pointer] = Block(place: place..<place + count, planned: planned..<planned + count)
    return pointer
  }

  func release(_ pointer: UnsafeMutablePointer<Float>) {
    guard let block = lent.removeValue(forKey: pointer) else { return assertionFailure("not lent by this arena") }
    inUse -= block.place.count
    free.give(block.place)
    plan.give(block.planned)
  }

  /// Makes one slab of several, just long enough for any of the passes since the last call. Between passes only:
  /// nothing may be lent.
  package func consolidate() {
    assert(lent.isEmpty, "consolidated during a pass")
    guard lent.isEmpty else { return }
    if slabs.count(where: { !$0.isEmpty }) > 1 {
      for slab in slabs { slab.deallocate64() }
      slabs.removeAll(keepingCapacity: true)
      free = FreeList()
      free.give(addSlab(plannedEnd))
    }
    (highWater, plannedEnd) = (0, 0)
  }

  /// Adds a slab with room for `count` elements, and returns the place of its first `count`.
  ///
  /// Slabs from which nothing is lent are too short and go, so that the first pass at a size needs little more than the
  /// next one.
  private func grow(by count: Int) -> Int {
    for index in slabs.indices where !slabs[index].isEmpty {
      let places = index * Self.slabSpacing..<index * Self.slabSpacing + slabs[index].count
      guard free.remove(places) else { continue }
      slabs[index].deallocate64()
      slabs[index] = UnsafeMutableBufferPointer(start: nil, count: 0)
    }
    let slab = addSlab(max(count, Self.smallestSlab))
    let rest = slab.lowerBound + count..<slab.upperBound
    if !rest.isEmpty { free.give(rest) }
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

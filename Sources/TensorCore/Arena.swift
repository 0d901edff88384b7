/// The memory of one forward pass: lends blocks of floats and takes them back in any order, first fit.
///
/// The first pass at a size finds out how much it needs, and grows by slabs meanwhile. `consolidate`, called between
/// passes, makes one slab of the high-water mark, so that every later pass of that size allocates nothing. One pass at
/// a time uses an arena: it is not `Sendable`.
package final class Arena {
  /// A contiguous range of a slab, in elements.
  private struct Block {
    var slab: Int
    var start: Int
    var count: Int
  }

  private var slabs: [UnsafeMutableBufferPointer<Float>] = []
  /// Free ranges, ordered by slab and start; never two that touch.
  private var free: [Block] = []
  private var lent: [UnsafeMutablePointer<Float>: Block] = [:]
  private var inUse = 0

  /// The most elements lent at one time since the last `consolidate`.
  package private(set) var highWater = 0
  /// How many times memory was taken from the system, since the arena was made.
  package private(set) var growths = 0

  /// Blocks start at multiples of 64 bytes.
  private static let granule = 16
  private static let smallestSlab = 1 << 20

  package init() {
    free.reserveCapacity(256)
    lent.reserveCapacity(256)
  }

  deinit {
    assert(lent.isEmpty, "an activation outlives its arena")
    for slab in slabs { slab.deallocate64() }
  }

  /// Bytes taken from the system.
  package var byteCount: Int { slabs.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride }

  func allocate(_ elements: Int) -> UnsafeMutablePointer<Float> {
    let count = max((elements + Self.granule - 1) / Self.granule, 1) * Self.granule
    let index = free.firstIndex { $0.count >= count } ?? grow(by: count)
    var block = free[index]
    if block.count == count {
      free.remove(at: index)
    } else {
      free[index].start += count
      free[index].count -= count
      block.count = count
    }
    let pointer = slabs[block.slab].start(at: block.start)
    lent[pointer] = block
    inUse += count
    highWater = max(highWater, inUse)
    return pointer
  }

  func release(_ pointer: UnsafeMutablePointer<Float>) {
    guard let block = lent.removeValue(forKey: pointer) else { return assertionFailure("not lent by this arena") }
    inUse -= block.count
    insertFree(block)
  }

  /// Makes one slab as large as what the last pass needed. Between passes only: nothing may be lent.
  package func consolidate() {
    assert(lent.isEmpty, "consolidated during a pass")
    guard slabs.count > 1, lent.isEmpty else { return }
    let needed = slabs.reduce(0) { $0 + $1.count }
    for slab in slabs { slab.deallocate64() }
    slabs.removeAll(keepingCapacity: true)
    free.removeAll(keepingCapacity: true)
    _ = grow(by: needed)
    highWater = 0
  }

  /// Adds a slab of at least `count` elements and returns the index of its free block.
  private func grow(by count: Int) -> Int {
    let slab = UnsafeMutableBufferPointer<Float>.allocate64(max(count, Self.smallestSlab))
    slabs.append(slab)
    growths += 1
    free.append(Block(slab: slabs.count - 1, start: 0, count: slab.count))
    return free.count - 1
  }

  private func insertFree(_ block: Block) {
    var low = 0
    var high = free.count
    while low < high {
      let middle = (low + high) / 2
      if (free[middle].slab, free[middle].start) < (block.slab, block.start) { low = middle + 1 } else { high = middle }
    }
    let joinsNext = low < free.count && free[low].slab == block.slab && block.start + block.count == free[low].start
    let joinsPrevious =
      low > 0 && free[low - 1].slab == block.slab && free[low - 1].start + free[low - 1].count == block.start
    switch (joinsPrevious, joinsNext) {
    case (true, true):
      free[low - 1].count += block.count + free[low].count
      free.remove(at: low)
    case (true, false): free[low - 1].count += block.count
    case (false, true):
      free[low].start = block.start
      free[low].count += block.count
    case (false, false): free.insert(block, at: low)
    }
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

/// Free ranges of a line of memory, allocated first fit and freed in any order.
struct FreeList {
  /// Ascending; adjacent ranges are merged.
  private(set) var ranges: [Range<Int>]

  init(_ ranges: [Range<Int>] = []) {
    self.ranges = ranges
    self.ranges.reserveCapacity(256)
  }

  /// Allocates the first range that is long enough.
  ///
  /// - Returns: Its start; `nil` if no free range has `count` elements.
  mutating func allocate(_ count: Int) -> Int? {
    guard let index = ranges.firstIndex(where: { $0.count >= count }) else { return nil }
    let range = ranges[index]
    if range.count == count {
      ranges.remove(at: index)
    } else {
      ranges[index] = range.lowerBound + count..<range.upperBound
    }
    return range.lowerBound
  }

  /// Removes a range.
  ///
  /// - Returns: `false` if it is not free as a whole, or part of a longer free range.
  mutating func remove(_ range: Range<Int>) -> Bool {
    guard let index = ranges.firstIndex(of: range) else { return false }
    ranges.remove(at: index)
    return true
  }

  /// Frees an allocated range, or adds a new one.
  mutating func free(_ range: Range<Int>) {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].lowerBound < range.lowerBound { low = middle + 1 } else { high = middle }
    }
    let joinsNext = low < ranges.count && range.upperBound == ranges[low].lowerBound
    let joinsPrevious = low > 0 && ranges[low - 1].upperBound == range.lowerBound
    switch (joinsPrevious, joinsNext) {
    case (true, true): ranges.replaceSubrange(low - 1...low, with: CollectionOfOne(joined(low - 1, low)))
    case (true, false): ranges[low - 1] = ranges[low - 1].lowerBound..<range.upperBound
    case (false, true): ranges[low] = range.lowerBound..<ranges[low].upperBound
    case (false, false): ranges.insert(range, at: low)
    }
  }

  private func joined(_ first: Int, _ second: Int) -> Range<Int> {
    ranges[first].lowerBound..<ranges[second].upperBound
  }
}

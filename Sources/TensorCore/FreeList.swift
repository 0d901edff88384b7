/// The free parts of a line of memory, lent first fit and taken back in any order.
struct FreeList {
  /// In order, and never two that touch.
  private(set) var ranges: [Range<Int>]

  init(_ ranges: [Range<Int>] = []) {
    self.ranges = ranges
    self.ranges.reserveCapacity(256)
  }

  /// The start of the first free `count`, which is free no more; nil where there is none.
  mutating func take(_ count: Int) -> Int? {
    guard let index = ranges.firstIndex(where: { $0.count >= count }) else { return nil }
    let range = ranges[index]
    if range.count == count {
      ranges.remove(at: index)
    } else {
      ranges[index] = range.lowerBound + count..<range.upperBound
    }
    return range.lowerBound
  }

  /// Takes out a range that is free as a whole and touches no other; false where it is not.
  mutating func remove(_ range: Range<Int>) -> Bool {
    guard let index = ranges.firstIndex(of: range) else { return false }
    ranges.remove(at: index)
    return true
  }

  /// Takes back what was lent, or adds what is new.
  mutating func give(_ range: Range<Int>) {
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

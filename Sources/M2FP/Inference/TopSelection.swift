/// The indices of the `count` largest values, in the order in which PyTorch's unsorted `topk` gives them on a CPU.
///
/// ModelScope lists instances in that order, and downstream code numbers them by it. The order is a side effect of the
/// selection algorithm: quickselect with a median of three, a heap if 2 · log₂ n partitions were not
/// enough, a heap from the start when 64 · count ≤ n (as GNU's C++ library has `nth_element` and `partial_sort`).
/// NaN counts as larger than all numbers.
package func topIndices(of values: [Float], count: Int) -> [Int] {
  let count = min(count, values.count)
  guard count > 0 else { return [] }
  var selection = TopSelection(values)
  if count * 64 <= values.count {
    selection.sortLargest(count)
  } else {
    selection.partition(at: count - 1)
  }
  return selection.entries.prefix(count).map(\.index)
}

private struct TopSelection {
  typealias Entry = (value: Float, index: Int)

  private(set) var entries: [Entry]

  init(_ values: [Float]) {
    entries = values.enumerated().map { ($0.element, $0.offset) }
  }

  private func precedes(_ first: Entry, _ second: Entry) -> Bool {
    first.value > second.value || (first.value.isNaN && !second.value.isNaN)
  }

  private func precedes(_ first: Int, _ second: Int) -> Bool { precedes(entries[first], entries[second]) }

  // MARK: Quickselect

  /// Puts the entry that sorting would put at `target` there, larger ones before it and smaller ones after it.
  mutating func partition(at target: Int) {
    var first = 0
    var last = entries.count
    var roundsLeft = 2 * (Int.bitWidth - 1 - entries.count.leadingZeroBitCount)
    while last - first > 3 {
      guard roundsLeft > 0 else {
        gatherLargest(from: first, count: target + 1 - first, to: last)
        entries.swapAt(first, target)
        return
      }
      roundsLeft -= 1
      let cut = split(first, last)
      if cut <= target { first = cut } else { last = cut }
    }
    sortByInsertion(first, last)
  }

  /// Splits `first..<last` by the median of its second, middle and last entry; returns where the second half starts.
  private mutating func split(_ first: Int, _ last: Int) -> Int {
    entries.swapAt(first, median(first + 1, first + (last - first) / 2, last - 1))
    let pivot = entries[first]
    var low = first + 1
    var high = last
    while true {
      while precedes(entries[low], pivot) { low += 1 }
      high -= 1
      while precedes(pivot, entries[high]) { high -= 1 }
      guard low < high else { return low }
      entries.swapAt(low, high)
      low += 1
    }
  }

  private func median(_ a: Int, _ b: Int, _ c: Int) -> Int {
    if precedes(a, b) {
      if precedes(b, c) { return b }
      return precedes(a, c) ? c : a
    }
    if precedes(a, c) { return a }
    return precedes(b, c) ? c : b
  }

  private mutating func sortByInsertion(_ first: Int, _ last: Int) {
    for position in first..<last {
      var hole = position
      while hole > first, precedes(hole, hole - 1) {
        entries.swapAt(hole, hole - 1)
        hole -= 1
      }
    }
  }

  // MARK: Heap, its least entry on top

  /// The `count` largest entries first, sorted.
  mutating func sortLargest(_ count: Int) {
    gatherLargest(from: 0, count: count, to: entries.count)
    for end in stride(from: count - 1, to: 0, by: -1) {
      let value = entries[end]
      entries[end] = entries[0]
      sink(value, at: 0, from: 0, count: end)
    }
  }

  /// Makes a heap of the `count` largest entries of `first..<last`, at its start.
  private mutating func gatherLargest(from first: Int, count: Int, to last: Int) {
    for parent in stride(from: count / 2 - 1, through: 0, by: -1) {
      sink(entries[first + parent], at: parent, from: first, count: count)
    }
    for position in first + count..<last where precedes(position, first) {
      let value = entries[position]
      entries[position] = entries[first]
      sink(value, at: 0, from: first, count: count)
    }
  }

  /// Puts `value` into the heap `first..<first + count` whose entry at `hole` is free: down to a leaf, then up again.
  private mutating func sink(_ value: Entry, at hole: Int, from first: Int, count: Int) {
    let top = hole
    var hole = hole
    while 2 * hole + 1 < count {
      var child = 2 * hole + 2
      if child == count || precedes(first + child, first + child - 1) { child -= 1 }
      entries[first + hole] = entries[first + child]
      hole = child
    }
    while hole > top, precedes(entries[first + (hole - 1) / 2], value) {
      entries[first + hole] = entries[first + (hole - 1) / 2]
      hole = (hole - 1) / 2
    }
    entries[first + hole] = value
  }
}
